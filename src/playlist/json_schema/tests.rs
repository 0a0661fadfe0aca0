//! The schema knows the keys that the reader asks for, no more and no fewer, and says something of each.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::*;
use crate::playlist::Code;
use crate::playlist::findings::Findings;
use crate::playlist::schema::Schema;
use crate::playlist::source::Source;
use crate::playlist::syntax;

/// The keys that the reader names when it meets one that means nothing, in the table that this text puts it in.
fn keys_read(before: &str) -> BTreeSet<String> {
    let source = Arc::new(Source::new("t".into(), format!("{before}\nqqqqqqqqqqqqqqqq = 1\n")));
    let mut findings = Findings::about(Arc::clone(&source));
    let (document, _) = syntax::parse(&source, &mut findings);
    Schema::read(&document, &mut findings);
    let found = findings.into_list();
    let unknown = found.iter().find(|finding| finding.code == Code::UnknownKey);
    let unknown = unknown.unwrap_or_else(|| panic!("no unknown key in {before}: {found:?}"));
    let keys = unknown.advice.split_once("the keys here are ").unwrap().1;
    keys.split(", ").map(str::to_owned).collect()
}

fn keys_told(schema: &Value) -> BTreeSet<String> {
    schema["properties"].as_object().unwrap().keys().cloned().collect()
}

fn without_params(keys: BTreeSet<String>) -> BTreeSet<String> {
    keys.into_iter()
        .filter(|key| GENERATORS.iter().flat_map(|info| info.params).all(|param| param.name != key))
        .collect()
}

#[test]
fn its_keys_are_the_readers_keys() {
    let schema = json_schema();
    let keys = &schema["properties"];
    assert_eq!(keys_told(&schema), keys_read(""));
    assert_eq!(keys_told(&keys["sound"]), keys_read("[sound]"));
    assert_eq!(keys_told(&keys["phase"]["items"]), keys_read("[[phase]]"));
    assert_eq!(keys_told(&keys["exclude"]), keys_read("[exclude]"));
    assert_eq!(keys_told(&keys["pool"]), keys_read("[pool]"));
    assert_eq!(keys_told(&keys["pool"]["properties"]["warmer"]), keys_read("[pool.warmer]"));
    assert_eq!(without_params(keys_told(&track())), keys_read("[[phase]]\n[[phase.track]]\nfile = 'a'"));
    let bed = &bed()["anyOf"][1];
    assert_eq!(without_params(keys_told(bed)), keys_read("[[phase]]\n[phase.bed]\nfile = 'a'"));
}

/// Walks a schema's keys.
fn each_key(schema: &Value, path: &str, told: &mut impl FnMut(&str, &Value)) {
    if let Some(properties) = schema["properties"].as_object() {
        for (key, value) in properties {
            let path = format!("{path}.{key}");
            told(&path, value);
            each_key(value, &path, told);
        }
    }
    if schema["items"].is_object() {
        each_key(&schema["items"], path, told);
    }
}

#[test]
fn every_key_is_explained() {
    let mut count = 0;
    each_key(&json_schema(), "", &mut |path, schema| {
        count += 1;
        assert!(schema["description"].as_str().is_some_and(|what| what.len() > 5), "{path}: {schema}");
    });
    assert!(count > 50, "{count}");
}

#[test]
fn what_stands_when_a_key_is_left_out_fits_the_key() {
    each_key(&json_schema(), "", &mut |path, schema| {
        if let Some(default) = schema.get("default") {
            assert!(jsonschema::is_valid(schema, default), "{path}: {default}");
        }
    });
}
