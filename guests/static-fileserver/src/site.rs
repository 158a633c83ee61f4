//! What a request asks for: a file, a folder's page, the way to it, or what stands in for what is not there.

use crate::config::Config;
use crate::mount::{Entry, File, Mounts};
use crate::path::Path;
use crate::request::Request;

const INDEX: &str = "index.html";
const FAVICONS: [&str; 2] = ["favicon.ico", "favicon.png"];

pub enum Answer {
    File(File),
    /// With the page that says so.
    Missing(Option<File>),
    Redirect(String),
}

pub struct Site<'a> {
    mounts: Mounts,
    config: &'a Config,
}

impl<'a> Site<'a> {
    pub fn of(config: &'a Config) -> Self {
        Site { mounts: Mounts::open(), config }
    }

    pub fn find(&self, request: &Request) -> Result<Answer, String> {
        if let Some(path) = Path::of_url(&request.path(), self.config.hidden) {
            match self.mounts.entry(&path.name)? {
                Entry::File(file) if !path.folder => return Ok(Answer::File(file)),
                Entry::Folder => {
                    let index = if path.name.is_empty() { INDEX.to_string() } else { format!("{}/{INDEX}", path.name) };
                    if let Some(page) = self.mounts.file(&index)? {
                        // Links of the page are relative to its folder.
                        let elsewhere = request.slash_form();
                        return Ok(elsewhere.map_or(Answer::File(page), Answer::Redirect));
                    }
                }
                Entry::File(_) | Entry::None => {}
            }
            if FAVICONS.iter().any(|name| path.name.rsplit('/').next() == Some(name)) {
                if let Some(icon) = self.setting(&self.config.favicon)? {
                    return Ok(Answer::File(icon));
                }
            }
        }
        Ok(match self.setting(&self.config.fallback)? {
            Some(file) => Answer::File(file),
            None => Answer::Missing(self.setting(&self.config.not_found)?),
        })
    }

    fn setting(&self, path: &Option<String>) -> Result<Option<File>, String> {
        path.as_ref().map_or(Ok(None), |path| self.mounts.file(&Path::of_setting(path)))
    }

    /// A compressed copy of a file.
    pub fn beside(&self, file: &File, ending: &str) -> Result<Option<File>, String> {
        self.mounts.file(&format!("{}{ending}", file.path))
    }
}
