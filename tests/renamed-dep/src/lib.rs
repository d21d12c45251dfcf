//! The library under the name `graph`, and its macro under yet others.

/// Re-exports, as a prelude of a company's own would.
pub mod prelude {
    pub use graph::auto as go;
}

#[cfg(test)]
mod tests {
    use std::future::ready;
    use std::num::ParseIntError;

    use futures::executor::block_on;

    use crate::prelude::go;

    /// A graph of each kind of plan, fallible, so that all that an expansion can name is named.
    macro_rules! every_plan {
        ($($macro:tt)*) => {
            $($macro)*! {
                first => parse("1").await?,
                second: [first] => first + 1,
                user => 1,
                settings => 2,
                posts: [user] => user + 1,
                page: [user, settings] => user + settings,
                north_1 => 1,
                north_2: [north_1] => north_1 + 1,
                north_3: [north_2] => parse("2").await? + north_2,
                south_1 => 1,
                south_2: [south_1] => south_1 + 1,
                south_3: [south_2, north_1] => south_2 + north_1,
                => [second, posts, page, north_3, south_3]
            }
        };
    }

    async fn parse(text: &str) -> Result<i32, ParseIntError> {
        ready(text.parse()).await
    }

    #[test]
    fn the_macro_works_by_its_renamed_path() {
        assert_eq!(block_on(every_plan!(graph::auto)), Ok([2, 2, 3, 4, 3]));
    }

    #[test]
    fn the_macro_works_by_its_absolute_path() {
        assert_eq!(block_on(every_plan!(::graph::auto)), Ok([2, 2, 3, 4, 3]));
    }

    #[test]
    fn the_macro_works_under_another_name() {
        use graph::auto as join;
        assert_eq!(block_on(every_plan!(join)), Ok([2, 2, 3, 4, 3]));
    }

    #[test]
    fn the_macro_works_re_exported() {
        assert_eq!(block_on(every_plan!(go)), Ok([2, 2, 3, 4, 3]));
        assert_eq!(block_on(every_plan!(crate::prelude::go)), Ok([2, 2, 3, 4, 3]));
    }

    #[test]
    fn a_cfg_on_a_task_works_under_another_name() {
        let chosen = go! {
            #[cfg(test)]
            chosen => "test",
            #[cfg(not(test))]
            chosen => "release",
            => chosen
        };
        assert_eq!(block_on(chosen), "test");
    }
}
