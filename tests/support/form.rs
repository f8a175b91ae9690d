//! A form folder of two questions and a number, small enough to be written by a test.

#![allow(dead_code, reason = "each test crate uses a part of it")]

use std::path::{Path, PathBuf};

use image::{GrayImage, Luma};

/// `id` of `survey`; question 1 has options a and b.
pub fn folder(at: &Path, id: &str, survey: &str) -> PathBuf {
    let dir = at.join(id);
    std::fs::create_dir_all(&dir).unwrap();
    let choice = |q: &str, kind: &str, y: u32| {
        format!(
            r#"{{"id":"{q}","type":"{kind}","label":{{"ja":"問","en":"{q}"}},"options":[
                {{"id":"a","label":{{"ja":"甲","en":"A"}},"box":{{"x":10,"y":{y},"w":4,"h":4}}}},
                {{"id":"b","label":{{"ja":"乙","en":"B"}},"box":{{"x":30,"y":{y},"w":4,"h":4}}}}]}}"#
        )
    };
    let json = format!(
        r#"{{"schema_version":1,"id":"{id}","survey":"{survey}","title":{{"ja":"表","en":"T"}},
           "page":{{"width":100,"height":140,"blank":"blank.png"}},
           "questions":[{},{},{{"id":"n","type":"integer","label":{{"ja":"数","en":"n"}},
             "box":{{"x":10,"y":60,"w":30,"h":8}}}}]}}"#,
        choice("q1", "select_one", 20),
        choice("q2", "select_multiple", 40)
    );
    std::fs::write(dir.join("form.json"), json).unwrap();
    // 8 px a millimetre; a grid of lines, so that it is neither empty nor black.
    let line = |x: u32, y: u32| if x % 40 < 2 || y % 40 < 2 { Luma([0]) } else { Luma([255]) };
    GrayImage::from_fn(800, 1120, line).save(dir.join("blank.png")).unwrap();
    dir
}
