//! Serves its first preopened folder: a file as it is, a folder as a sorted list of `name type`, else 404 with the
//! error code as text. The path given to the host is the URL path without its first slash, or `?raw=PATH` as written
//! (`..`, absolute, empty). Other questions by query, answered in one line each:
//! `?preopens` `?stat` `?nofollow` (stat without following a link) `?readlink` `?flags` `?write=TEXT` `?append=TEXT`
//! `?truncate=N` `?mkdir` `?rmdir` `?unlink` `?symlink=TARGET` `?link=NEW` `?rename=NEW` `?times` `?same=OTHER` `?hash`
//! `?offset=N&length=N` (one `read`), `?open=create,exclusive,truncate,directory`, and `?std`: read through the language's
//! own library instead.

use support::{answer, begin, push, Target};
use wasi::filesystem::preopens::get_directories;
use wasi::filesystem::types::*;
use wasi::http::types::{IncomingRequest, OutgoingBody, ResponseOutparam};
use wasi::io::streams::StreamError;

struct Files;

/// `no-entry`, as WIT calls it.
fn word(code: ErrorCode) -> String {
    code.name().to_string()
}

fn kind(of: DescriptorType) -> String {
    format!("{of:?}").replace("DescriptorType::", "")
}

fn open_flags(names: &str) -> OpenFlags {
    names.split(',').fold(OpenFlags::empty(), |flags, name| {
        flags
            | match name {
                "create" => OpenFlags::CREATE,
                "exclusive" => OpenFlags::EXCLUSIVE,
                "truncate" => OpenFlags::TRUNCATE,
                "directory" => OpenFlags::DIRECTORY,
                _ => OpenFlags::empty(),
            }
    })
}

fn describe(stat: &DescriptorStat) -> String {
    format!("{} size {} links {}", kind(stat.type_), stat.size, stat.link_count)
}

fn write(file: &Descriptor, text: &str, offset: Option<u64>) -> Result<String, String> {
    let stream = match offset {
        Some(at) => file.write_via_stream(at),
        None => file.append_via_stream(),
    };
    let stream = stream.map_err(word)?;
    push(&stream, text.as_bytes()).and_then(|()| stream.blocking_flush()).map_err(|e| format!("{e:?}"))?;
    Ok(format!("wrote {}", text.len()))
}

/// The questions of the query; none when a plain file or listing is wanted.
fn question(root: &Descriptor, path: &str, target: &Target) -> Option<Result<String, String>> {
    let done = |r: Result<(), ErrorCode>| r.map(|()| "done".to_string()).map_err(word);
    let follow = PathFlags::SYMLINK_FOLLOW;
    let open = |flags, descriptor| root.open_at(follow, path, flags, descriptor).map_err(word);
    let both = DescriptorFlags::READ | DescriptorFlags::WRITE;
    let asked = |name: &str| target.get(name);
    Some(if asked("preopens").is_some() {
        Ok(get_directories().iter().map(|(_, name)| name.clone()).collect::<Vec<_>>().join(" "))
    } else if asked("stat").is_some() {
        root.stat_at(follow, path).map(|s| describe(&s)).map_err(word)
    } else if asked("nofollow").is_some() {
        root.stat_at(PathFlags::empty(), path).map(|s| describe(&s)).map_err(word)
    } else if asked("readlink").is_some() {
        root.readlink_at(path).map_err(word)
    } else if asked("flags").is_some() {
        open(OpenFlags::empty(), DescriptorFlags::READ).and_then(|f| f.get_flags().map(|f| format!("{f:?}")).map_err(word))
    } else if let Some(names) = asked("open") {
        let write = if names.contains("create") || names.contains("truncate") { both } else { DescriptorFlags::READ };
        open(open_flags(&names), write).and_then(|f| f.get_type().map(|t| format!("opened {}", kind(t))).map_err(word))
    } else if let Some(text) = asked("write") {
        open(OpenFlags::CREATE | OpenFlags::TRUNCATE, both).and_then(|f| write(&f, &text, Some(0)))
    } else if let Some(text) = asked("append") {
        open(OpenFlags::CREATE, both).and_then(|f| write(&f, &text, None))
    } else if asked("truncate").is_some() {
        open(OpenFlags::empty(), both).and_then(|f| done(f.set_size(target.number("truncate", 0))))
    } else if asked("mkdir").is_some() {
        done(root.create_directory_at(path))
    } else if asked("rmdir").is_some() {
        done(root.remove_directory_at(path))
    } else if asked("unlink").is_some() {
        done(root.unlink_file_at(path))
    } else if let Some(to) = asked("symlink") {
        done(root.symlink_at(&to, path))
    } else if let Some(new) = asked("link") {
        done(root.link_at(PathFlags::empty(), path, root, &new))
    } else if let Some(new) = asked("rename") {
        done(root.rename_at(path, root, &new))
    } else if asked("times").is_some() {
        done(root.set_times_at(follow, path, NewTimestamp::Now, NewTimestamp::NoChange))
    } else if asked("hash").is_some() {
        root.metadata_hash_at(follow, path).map(|h| format!("{:x}{:x}", h.upper, h.lower)).map_err(word)
    } else if let Some(other) = asked("same") {
        open(OpenFlags::empty(), DescriptorFlags::READ).and_then(|a| {
            let b = root.open_at(follow, &other, OpenFlags::empty(), DescriptorFlags::READ).map_err(word)?;
            Ok(a.is_same_object(&b).to_string())
        })
    } else if asked("offset").is_some() || asked("length").is_some() {
        open(OpenFlags::empty(), DescriptorFlags::READ).and_then(|f| {
            let (bytes, end) = f.read(target.number("length", 16), target.number("offset", 0)).map_err(word)?;
            Ok(format!("{:?} end {end}", String::from_utf8_lossy(&bytes)))
        })
    } else if asked("std").is_some() {
        std::fs::read_to_string(format!("/{path}")).map_err(|e| format!("{:?}", e.kind()))
    } else {
        return None;
    })
}

fn list(folder: &Descriptor) -> Result<String, ErrorCode> {
    let entries = folder.read_directory()?;
    let mut lines = Vec::new();
    while let Some(entry) = entries.read_directory_entry()? {
        lines.push(format!("{} {}\n", entry.name, kind(entry.type_)));
    }
    lines.sort();
    Ok(lines.concat())
}

fn send(file: &Descriptor, length: u64, out: ResponseOutparam) -> Result<(), ErrorCode> {
    let from = file.read_via_stream(0)?;
    let body = begin(out, 200, &[("content-length", &length.to_string())]);
    let to = body.write().unwrap();
    let end = loop {
        let moved = from.blocking_read(65536).and_then(|chunk| push(&to, &chunk));
        if let Err(e) = moved {
            break e;
        }
    };
    drop(to);
    if let StreamError::Closed = end {
        let _ = OutgoingBody::finish(body, None);
    }
    Ok(())
}

impl wasi::exports::http::incoming_handler::Guest for Files {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let target = Target::of(&request);
        let Some((root, _)) = get_directories().into_iter().next() else {
            return answer(out, 404, "nothing is preopened\n");
        };
        let path = target.get("raw").unwrap_or_else(|| match &support::decode(&target.path)[1..] {
            "" => ".".to_string(),
            path => path.to_string(),
        });
        match question(&root, &path, &target) {
            Some(Ok(text)) => return answer(out, 200, &format!("{text}\n")),
            Some(Err(code)) => return answer(out, 200, &format!("error {code}\n")),
            None => {}
        }
        let opened = root
            .open_at(PathFlags::SYMLINK_FOLLOW, &path, OpenFlags::empty(), DescriptorFlags::READ)
            .and_then(|file| file.stat().map(|stat| (file, stat)));
        match opened {
            Err(code) => answer(out, 404, &format!("error {}\n", word(code))),
            Ok((folder, stat)) if stat.type_ == DescriptorType::Directory => match list(&folder) {
                Ok(text) => answer(out, 200, &text),
                Err(code) => answer(out, 500, &format!("error {}\n", word(code))),
            },
            Ok((file, stat)) => send(&file, stat.size, out).unwrap(),
        }
    }
}

wasi::http::proxy::export!(Files);
