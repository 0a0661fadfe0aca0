//! A list with one line chosen, scrolled so that it is seen: for the learn screen and the choices of the picker.

use super::page::Page;

/// Draws `lines` (a name and what there is to say) from row `y` to the row before the last, `chosen` marked.
pub fn draw(page: &mut Page<'_>, y: u16, lines: &[(String, String)], chosen: usize) {
    let (faint, figure) = (page.theme.faint, page.theme.figure);
    let rows = usize::from(page.height().saturating_sub(y + 2)).max(1);
    let first = chosen.saturating_sub(rows / 2).min(lines.len().saturating_sub(rows));
    let wide = lines.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let width = page.width().saturating_sub(4);
    for (row, (place, (name, text))) in (y..).zip(lines.iter().enumerate().skip(first).take(rows)) {
        let (mark, style) = if place == chosen { (page.glyphs.pick("▸ ", "> "), figure) } else { ("  ", faint) };
        let name = format!("{name:<wide$}  ");
        page.write(2, row, width, &[(mark, style), (&name, style), (text, style)]);
    }
}
