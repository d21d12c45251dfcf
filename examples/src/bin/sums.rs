//! Prints the SHA-256 of every file in a folder, as `sha256sum` does: a list in a graph.
//!
//! ```text
//! cargo run -p conjoin-examples --bin sums -- examples/src/bin --limit 4
//! ```
//!
//! The hashes run on rayon's threads, and at most `--limit` files are in memory at once. The sizes are asked for meanwhile.

use std::path::{Path, PathBuf};
use std::{fs, io};

use clap::Parser;
use conjoin::auto;
use conjoin_adapters::{BoxError, blocking, cpu};
use sha2::{Digest, Sha256};

/// Prints the SHA-256 of every file in a folder.
#[derive(Parser)]
struct Options {
    folder: PathBuf,
    /// How many files are read and hashed at once.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..))]
    limit: u16,
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

async fn print(Options { folder, limit }: Options) -> Result<(), BoxError> {
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

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    print(Options::parse()).await
}
