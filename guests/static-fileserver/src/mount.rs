//! The mounted folders, through WASI itself: a file goes from the host to the client without a copy in this guest.
//! The host keeps every path within its mount, symbolic links included.

use wasi::filesystem::preopens::get_directories;
use wasi::filesystem::types::{Descriptor, DescriptorFlags, DescriptorType, ErrorCode, OpenFlags, PathFlags};

/// What one call may ask of the host.
const READ_BYTES: u64 = 1 << 20;

pub struct Mounts(Vec<(Descriptor, String)>);

pub struct File {
    /// Of the site, without a slash in front.
    pub path: String,
    pub size: u64,
    /// Nanoseconds since 1970; 0 when the host does not say.
    pub modified: u128,
    descriptor: Descriptor,
}

pub enum Entry {
    File(File),
    Folder,
    None,
}

impl Mounts {
    pub fn open() -> Self {
        Mounts(get_directories())
    }

    pub fn entry(&self, path: &str) -> Result<Entry, String> {
        let Some((folder, relative)) = self.locate(path) else {
            return Ok(Entry::None);
        };
        match open(folder, relative, path) {
            Ok(entry) => Ok(entry),
            Err(ErrorCode::Io | ErrorCode::InsufficientMemory | ErrorCode::Busy | ErrorCode::Quota) => {
                Err(format!("/{path} cannot be opened"))
            }
            // It is not there, or not for us; a name too long or a link out of the mount are of this kind too.
            Err(_) => Ok(Entry::None),
        }
    }

    pub fn file(&self, path: &str) -> Result<Option<File>, String> {
        Ok(match self.entry(path)? {
            Entry::File(file) => Some(file),
            Entry::Folder | Entry::None => None,
        })
    }

    /// The innermost mount that holds the path, and the path within it.
    fn locate<'a>(&self, path: &'a str) -> Option<(&Descriptor, &'a str)> {
        let within = |at: &str| -> Option<&'a str> {
            let at = at.trim_matches('/');
            if at.is_empty() || at == "." {
                return Some(path);
            }
            let rest = path.strip_prefix(at)?;
            if rest.is_empty() { Some("") } else { rest.strip_prefix('/') }
        };
        self.0
            .iter()
            .filter_map(|(folder, at)| within(at).map(|relative| (folder, relative)))
            .min_by_key(|(_, relative)| relative.len())
    }
}

fn open(folder: &Descriptor, relative: &str, path: &str) -> Result<Entry, ErrorCode> {
    let relative = if relative.is_empty() { "." } else { relative };
    let stat = folder.stat_at(PathFlags::SYMLINK_FOLLOW, relative)?;
    match stat.type_ {
        DescriptorType::Directory => return Ok(Entry::Folder),
        DescriptorType::RegularFile => {}
        // Opening a pipe or a device may wait for ever.
        _ => return Ok(Entry::None),
    }
    let descriptor = folder.open_at(PathFlags::SYMLINK_FOLLOW, relative, OpenFlags::empty(), DescriptorFlags::READ)?;
    let modified = stat
        .data_modification_timestamp
        .map_or(0, |time| u128::from(time.seconds) * 1_000_000_000 + u128::from(time.nanoseconds));
    Ok(Entry::File(File { path: path.to_string(), size: stat.size, modified, descriptor }))
}

impl File {
    /// All of it. Err also when it is no longer as long as it was.
    pub fn read_all(&self) -> Result<Vec<u8>, String> {
        let mut content: Vec<u8> = Vec::new();
        while (content.len() as u64) < self.size {
            let at = content.len() as u64;
            let (bytes, _) = self
                .descriptor
                .read(READ_BYTES.min(self.size - at), at)
                .map_err(|code| format!("/{} cannot be read: {}", self.path, code.name()))?;
            if bytes.is_empty() {
                return Err(format!("/{} became shorter while it was read", self.path));
            }
            if content.is_empty() { content = bytes } else { content.extend(bytes) }
        }
        Ok(content)
    }

    pub fn stream(&self, from: u64) -> Result<wasi::io::streams::InputStream, ErrorCode> {
        self.descriptor.read_via_stream(from)
    }
}
