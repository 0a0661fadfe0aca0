//! The map: the two tables in the head of `src/lib.rs`, read as the rule they are.

use std::collections::BTreeMap;

/// A folder of `src` and what the map lets it name.
#[derive(Debug)]
pub struct Folder {
    pub name: String,
    pub may_name: Vec<String>,
}

/// Where a crate may be named.
#[derive(Debug, PartialEq, Eq)]
pub enum Home {
    Folders(Vec<String>),
    /// Anywhere but in the render half.
    OutsideRender,
}

#[derive(Debug)]
pub struct Map {
    /// In dependency order.
    pub folders: Vec<Folder>,
    /// By the crate's name in Cargo.toml.
    pub crates: BTreeMap<String, Home>,
}

impl Map {
    /// Reads the doc comment of `lib.rs`: a row of four cells is a folder, one of two is a crate with more than one home.
    ///
    /// # Panics
    /// When a row is of neither kind, or a crate is listed twice: then the map cannot be a rule.
    pub fn read(lib: &str) -> Self {
        let mut map = Self { folders: Vec::new(), crates: BTreeMap::new() };
        let rows = lib.lines().filter_map(|line| line.strip_prefix("//! |")?.trim_end().strip_suffix('|'));
        for row in rows {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            match cells.as_slice() {
                ["folder" | "crate", ..] | ["---", ..] => {}
                [name, _, may_name, crates] => {
                    let name = name.trim_matches('`').to_owned();
                    for confined in list(crates) {
                        map.settle(confined, Home::Folders(vec![name.clone()]));
                    }
                    map.folders.push(Folder { name, may_name: list(may_name) });
                }
                [crates, homes] => {
                    for named in list(crates) {
                        let home = match *homes {
                            "all but the render half" => Home::OutsideRender,
                            folders => Home::Folders(list(folders)),
                        };
                        map.settle(named, home);
                    }
                }
                _ => panic!("a row of the map in src/lib.rs has neither two nor four cells: {row}"),
            }
        }
        map
    }

    fn settle(&mut self, named: String, home: Home) {
        let text = format!("{named} has two rows in the map in src/lib.rs");
        assert!(self.crates.insert(named, home).is_none(), "{text}");
    }

    pub fn folder(&self, name: &str) -> Option<&Folder> {
        self.folders.iter().find(|folder| folder.name == name)
    }
}

/// "a, `b`" is a and b; a dash is nothing.
fn list(cell: &str) -> Vec<String> {
    cell.split(',').map(|name| name.trim().trim_matches('`').to_owned()).filter(|name| name != "–").collect()
}
