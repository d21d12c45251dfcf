//! Prints the SHA-256 of every file in a folder, as `sha256sum` does: a list in a graph.
//!
//! ```text
//! cargo run -p conjoin-examples --bin sums -- examples/src/bin --limit 4
//! ```
//!
//! The hashes run on rayon's threads, with at most `--limit` files in memory at once. Meanwhile the graph asks for the
//! sizes of the files.

use std::path::{Path, PathBuf};
use std::{fs, io};

use clap::Parser;
use conjoin::auto;
use conjoin_adapters::{BoxError, blocking, cpu};
use sha2::{Digest, Sha256};

/// Prints the SHA-256 of every file in a folder
#[derive(Parser)]
struct Options {
    /// The folder; folders in it are left out
    folder: PathBuf,

    /// How many files are read and hashed at once
    #[arg(long, value_name = "NUMBER", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..))]
    limit: u16,
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let Options { folder, limit } = Options::parse();
    auto! {
        #![error(BoxError)]
        files => blocking(move || files(&folder)).await??,
        #[limit(usize::from(limit))]
        sums: [files] for file in files => {
            let path = file.clone();
            let bytes = blocking(move || fs::read(path)).await??;
            cpu(move || sum(&bytes)).await?
        },
        sizes: [files] for file in files => {
            let path = file.clone();
            blocking(move || fs::metadata(path)).await??.len()
        },
        => {
            for (sum, file) in sums.iter().zip(&files) {
                println!("{sum}  {}", file.display());
            }
            println!("{} files, {} bytes", files.len(), sizes.iter().sum::<u64>());
        }
    }
    .await
}

fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

fn sum(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest
        .iter()
        .fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
