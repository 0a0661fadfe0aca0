//! Keeps what was chosen on a screen (a key, a theme) in the settings, and leaves everything else of the file as it is:
//! other values, comments, layout.

use std::fs;
use std::io;
use std::path::Path;

use toml_edit::{DocumentMut, Item, Table, Value};

use crate::playlist::replace::replace;

/// Why a choice could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The file cannot be read or written.
    #[error("the settings cannot be written ({0}); the choice holds until the panel is left")]
    Disk(#[from] io::Error),
    /// The file is not TOML, or the table is something else in it; it was left alone.
    #[error("the settings have an error, and were left alone; the choice holds until the panel is left")]
    Damaged,
}

/// Sets `key` of `[table]` to a text.
///
/// # Errors
/// [`KeepError`]; the file is then as it was.
pub fn keep(path: &Path, table: &str, key: &str, text: &str) -> Result<(), KeepError> {
    let before = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error.into()),
    };
    let mut document: DocumentMut = before.parse().map_err(|_| KeepError::Damaged)?;
    let table = document.entry(table).or_insert_with(|| Item::Table(Table::new()));
    let table = table.as_table_like_mut().ok_or(KeepError::Damaged)?;
    let mut value = Value::from(text);
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(old) => {
            // What stands around the value, such as a comment after it, belongs to the line and stays.
            *value.decor_mut() = old.decor().clone();
            *old = value;
        }
        None => drop(table.insert(key, Item::Value(value))),
    }
    replace(path, &document.to_string())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: &str, (table, key, text): (&str, &str, &str), after: &str) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.toml");
        if !before.is_empty() {
            fs::write(&path, before).unwrap();
        }
        keep(&path, table, key, text).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), after);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn a_choice_is_kept_and_the_rest_stays_to_the_byte() {
        check("", ("panel", "theme", "red"), "[panel]\ntheme = \"red\"\n");
        let before = "# Room 2\n\n[panel]\ntheme   = 'amber'   # as the doctor likes it\n\n[[output]]\nname = 'x'\n";
        let after = before.replace("'amber'", "\"red\"");
        check(before, ("panel", "theme", "red"), &after);
        check(
            "[keys]\nb = \"duck\"\n",
            ("keys", "page-down", "move-on"),
            "[keys]\nb = \"duck\"\npage-down = \"move-on\"\n",
        );
        check("", ("keys", ".", "ground"), "[keys]\n\".\" = \"ground\"\n");
        check("keys = { b = \"duck\" }\n", ("keys", "b", "hold"), "keys = { b = \"hold\" }\n");
    }

    #[test]
    fn a_damaged_file_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.toml");
        for damaged in ["[panel\ntheme = 1", "panel = 3\n"] {
            fs::write(&path, damaged).unwrap();
            assert!(matches!(keep(&path, "panel", "theme", "red"), Err(KeepError::Damaged)));
            assert_eq!(fs::read_to_string(&path).unwrap(), damaged);
        }
        let nowhere = folder.path().join("no/such/folder/settings.toml");
        assert!(matches!(keep(&nowhere, "panel", "theme", "red"), Err(KeepError::Disk(_))));
    }
}
