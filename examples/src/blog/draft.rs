//! What a client may publish.

use std::ops::Deref;

use serde::Deserialize;

/// A post that is not published yet.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Draft {
    pub(crate) user_id: i64,
    pub(crate) title: Text<200>,
    /// A first comment by the author.
    pub(crate) comment: Option<Text<2000>>,
}

/// Text that is not blank, has at most `MAX` characters, and can be stored by every database.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Text<const MAX: usize>(String);

impl<const MAX: usize> TryFrom<String> for Text<MAX> {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.trim().is_empty() {
            Err("it is blank".to_owned())
        } else if text.chars().count() > MAX {
            Err(format!("it is longer than {MAX} characters"))
        } else if text.contains('\0') {
            // PostgreSQL cannot store it.
            Err("it contains the character U+0000".to_owned())
        } else {
            Ok(Self(text))
        }
    }
}

impl<const MAX: usize> Deref for Text<MAX> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}
