//! How much light a screen gives: bright cells are counted, and the glow of all cells is summed.

use ratatui::style::{Color, Modifier};

use super::scenes::{SIZES, scenes};
use super::*;
use crate::panel::theme::Theme;
use crate::session::Notice;

/// The share of cells in the bright style.
fn bright(bench: &Bench, width: u16, height: u16) -> f64 {
    let buffer = bench.draw(width, height);
    let theme = bench.model.theme;
    let lit =
        buffer.content().iter().filter(|cell| !cell.symbol().trim().is_empty() && cell.style().fg == theme.bright.fg);
    lit.count() as f64 / f64::from(u32::from(width) * u32::from(height))
}

/// Relative luminance of a colour (WCAG 2 / IEC 61966-2-1), 0 to 1.
fn luminance(color: Color) -> f64 {
    let Color::Rgb(red, green, blue) = color else { return 1.0 };
    let linear = |part: u8| {
        let part = f64::from(part) / 255.0;
        if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}

/// The share of a cell that its character covers: blocks by their area, braille by its dots, letters about a sixth.
fn ink(symbol: &str) -> f64 {
    match symbol.chars().next() {
        None | Some(' ') => 0.0,
        Some('█') => 1.0,
        Some('▀' | '▄') => 0.5,
        Some(c @ '\u{2800}'..='\u{28ff}') => f64::from((c as u32 - 0x2800).count_ones()) / 8.0 * 0.3,
        Some(_) => 0.17,
    }
}

/// The light of the whole screen as a share of an all-white one.
fn glow(bench: &Bench, width: u16, height: u16) -> f64 {
    let buffer = bench.draw(width, height);
    let light = buffer.content().iter().map(|cell| ink(cell.symbol()) * luminance(cell.fg)).sum::<f64>();
    light / f64::from(u32::from(width) * u32::from(height))
}

#[test]
fn every_screen_has_at_most_two_in_a_hundred_bright_cells() {
    for (name, bench) in scenes() {
        for (width, height) in SIZES {
            if height < 18 {
                continue; // One line of text on a sliver of a window is as dark as it can be.
            }
            let share = bright(&bench, width, height);
            println!("{name:<22} {width:>3}x{height:<3} {:5.2} % bright cells", share * 100.0);
            assert!(share <= 0.02, "{name} at {width}x{height}: {:.2} % bright", share * 100.0);
        }
    }
}

#[test]
fn every_screen_gives_less_than_one_hundredth_of_a_white_one() {
    for (name, bench) in scenes() {
        for (width, height) in SIZES {
            let share = glow(&bench, width, height);
            println!("{name:<22} {width:>3}x{height:<3} {:5.2} % of the light of a white screen", share * 100.0);
            assert!(share <= 0.01, "{name} at {width}x{height}: {:.2} % of the light of a white screen", share * 100.0);
        }
    }
}

#[test]
fn the_dark_screen_is_one_faint_line() {
    let mut bench = Bench::with(peak());
    bench.keys("z");
    bench.wait(1000);
    let text = bench.text(80, 24);
    assert_eq!(text.lines().filter(|line| !line.is_empty()).count(), 1, "{text}");
    let faint = bench.model.theme.faint.fg;
    let buffer = bench.draw(80, 24);
    assert!(buffer.content().iter().all(|cell| cell.symbol().trim().is_empty() || cell.style().fg == faint));
    bench.keys("z");
    assert!(bench.text(80, 24).lines().count() > 10 && bench.text(80, 24).contains("next"));
}

#[test]
fn what_has_just_gone_wrong_is_said_on_the_dark_screen_and_on_small_ones() {
    let battery = Notice { at: at(40, 20), text: "on battery, 5 %: plug the charger in".into() };
    let mut status = peak();
    status.session.notices = vec![battery];
    let mut bench = Bench::with(status);
    assert!(bench.text(40, 8).contains("on battery, 5 %: plug the charger in"), "{}", bench.text(40, 8));
    bench.keys("z");
    bench.wait(1000);
    assert!(bench.text(80, 24).contains("on battery, 5 %: plug the charger"), "{}", bench.text(80, 24));
}

#[test]
fn a_host_that_does_not_come_back_by_itself_is_not_said_to() {
    let mut bench = Bench::with(peak());
    let why = "it broke off some time ago: leave this with q, then `undertone` offers it";
    bench.told(LinkEvent::Lost { why: Some(why.into()) });
    let text = bench.text(80, 24);
    assert!(text.contains(why) && !text.contains("by itself") && !text.contains("started again"), "{text}");
}

#[test]
fn it_darkens_by_itself_and_any_key_shows_it_without_being_lost() {
    let mut bench = Bench::with(peak());
    bench.model.setup.dim_after = Some(Duration::from_secs(60));
    for _ in 0..61 {
        bench.wait(1000);
        bench.status(peak());
    }
    assert!(bench.model.dark());
    bench.keys("space");
    assert!(!bench.model.dark());
    assert_eq!(bench.verbs(), ["duck"]);
}

#[test]
fn without_colour_nothing_sets_one_and_every_ground_is_black_with_it() {
    for theme in [ThemeName::Amber, ThemeName::Red, ThemeName::Grey, ThemeName::Monochrome] {
        for depth in [Depth::None, Depth::Sixteen, Depth::Indexed, Depth::True] {
            let made = Theme::new(theme, depth);
            let styles = [made.ground, made.bright, made.figure, made.plain, made.faint, made.trace];
            let colourless = depth == Depth::None || theme == ThemeName::Monochrome;
            for style in styles {
                assert_eq!(style.bg.is_none(), colourless, "{theme:?} {depth:?}");
                assert!(!colourless || style.fg.is_none());
                assert!(
                    !style.add_modifier.intersects(Modifier::RAPID_BLINK | Modifier::SLOW_BLINK | Modifier::REVERSED)
                );
            }
        }
    }
}
