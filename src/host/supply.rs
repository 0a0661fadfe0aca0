//! The charger that comes out in the midst of a session: said, never acted on.

use std::path::PathBuf;
use std::time::Duration;

use crate::platform::{NotHere, Power, power, power_of};

/// How often the machine is asked where its power comes from.
const ASKED_EVERY: Duration = Duration::from_secs(5);
/// Said again whenever the battery comes down to one of these, in percent. From the fourth on there are minutes left.
const SAID_AT: [u8; 7] = [20, 10, 5, 4, 3, 2, 1];
/// So little may end before the session does, in percent.
const LAST: u8 = 5;

/// What was said of the power.
#[derive(Debug, Default)]
pub(super) struct Supply {
    last: Option<Power>,
}

impl Supply {
    /// Takes in where the power comes from; the sentence to say, if there is anything new to know.
    pub(super) fn hear(&mut self, now: Power) -> Option<String> {
        let before = self.last.replace(now);
        match (before, now) {
            (Some(Power::Battery { .. }), Power::Mains) => Some("the charger is in again".to_owned()),
            (_, Power::Mains) => None,
            (Some(Power::Battery { percent: was }), Power::Battery { percent }) => {
                SAID_AT.iter().any(|at| (percent..was).contains(at)).then(|| low(percent))
            }
            (Some(Power::Mains), Power::Battery { percent }) if percent > SAID_AT[0] => {
                Some(format!("the charger is out: on battery, {percent} %; plug it in"))
            }
            // That it began on battery was said before the session.
            (None, Power::Battery { percent }) if percent > SAID_AT[0] => None,
            (_, Power::Battery { percent }) => Some(low(percent)),
        }
    }
}

fn low(percent: u8) -> String {
    let way_out = if percent <= LAST { ", or let the session end softly" } else { "" };
    format!("on battery, {percent} %: plug the charger in now{way_out}")
}

/// Asks the machine again and again, as long as somebody wants to hear it; `listed`: where its supplies are listed instead of
/// the system's own place.
pub(super) fn look_for_power(
    listed: Option<PathBuf>,
    tell: impl Fn(Power) -> bool + Send + 'static,
) -> std::io::Result<()> {
    let look = move || listed.as_deref().map_or_else(power, |folder| Ok::<_, NotHere>(power_of(folder)));
    let ask = move || {
        // Where the system does not tell, it never will.
        while let Ok(power) = look() {
            if !tell(power) {
                return;
            }
            std::thread::sleep(ASKED_EVERY);
        }
    };
    std::thread::Builder::new().name("power".into()).spawn(ask).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said as the battery (or, with 255, the mains) is looked at again and again.
    fn said(looks: &[u8]) -> Vec<String> {
        let mut supply = Supply::default();
        let power = |look: &u8| if *look == 255 { Power::Mains } else { Power::Battery { percent: *look } };
        looks.iter().filter_map(|look| supply.hear(power(look))).collect()
    }

    #[test]
    fn a_charger_that_comes_out_is_said_once_and_again_when_it_matters() {
        assert_eq!(said(&[255, 71, 71, 70]), ["the charger is out: on battery, 71 %; plug it in"]);
        let on = |percent: u8, rest: &str| format!("on battery, {percent} %: plug the charger in now{rest}");
        assert_eq!(said(&[90, 21, 20, 20, 19, 11, 9, 9]), [on(20, ""), on(9, "")]);
        let end = ", or let the session end softly";
        assert_eq!(said(&[255, 6, 5, 5, 4]), [on(6, ""), on(5, end), on(4, end)]);
        assert_eq!(said(&[3, 255]), [on(3, end), "the charger is in again".to_owned()]);
    }

    #[test]
    fn the_mains_are_not_worth_a_word() {
        assert!(said(&[255, 255, 255]).is_empty());
        assert!(said(&[80, 79, 78]).is_empty(), "that it began so was said before the session");
    }
}
