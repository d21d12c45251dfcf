//! The library under the name `graph`, and its macro under yet others.

/// Re-exports, as a prelude of a company's own would.
pub mod prelude {
    pub use graph::auto as go;
    pub use graph::concurrent as together;
    pub use graph::explain as show;
}

#[cfg(test)]
mod tests {
    use std::future::ready;
    use std::num::ParseIntError;

    use futures::executor::block_on;

    use crate::prelude::{go, show, together};

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
        assert_eq!(
            block_on(every_plan!(crate::prelude::go)),
            Ok([2, 2, 3, 4, 3])
        );
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

    #[test]
    fn a_graph_is_explained_under_another_name() {
        let explained = [
            every_plan!(graph::explain),
            every_plan!(::graph::explain),
            every_plan!(show),
        ];
        assert!(explained
            .iter()
            .all(|graph| graph.longest_chain() == ["north_1", "north_2", "north_3"]));
        let chosen = show! { #[cfg(test)] chosen => "test", #[cfg(not(test))] chosen => "release" };
        assert_eq!(
            chosen.to_string(),
            "1 task\n\n  task    needs\n  chosen\n\nplan: chosen\n"
        );
    }

    /// Values that are changed and taken, and conditions, in a series and behind gates.
    macro_rules! every_use {
        ([$($macro:tt)*] $($option:tt)*) => {
            $($macro)*! {
                $($option)*
                #![error(ParseIntError)]
                list => vec![1],
                filled: [mut list] => list.push(parse("2").await?),
                first: [list, filled as _] if let Some(&first) = list.first() => first,
                sent: [move list, first] if first.is_some() => list,
                north_1 => vec![1],
                north_2: [mut north_1] => north_1.push(2),
                north_3: [north_1 as list, north_2 as _] if list.len() == 2 => list.len(),
                north_4: [move north_1, north_3 as _] => north_1,
                south_1 => 1,
                south_2: [mut south_1] => *south_1 += parse("2").await?,
                south_3: [south_2 as _, south_1 as &n, north_2 as _] => n,
            }
        };
    }

    #[test]
    fn renamed_crate_works_in_the_previous_edition() {
        let graph = block_on(every_use!([graph::auto])).expect("all are numbers");
        assert_eq!(
            (graph.sent, graph.north_4, graph.south_3),
            (Some(vec![1, 2]), vec![1, 2], 3)
        );
        let graph =
            block_on(every_use!([go] #![limit(2)] #![name_errors])).expect("all are numbers");
        assert_eq!(
            (graph.sent, graph.north_4, graph.south_3),
            (Some(vec![1, 2]), vec![1, 2], 3)
        );
        let graph = block_on(every_use!([::graph::auto] #![settle] #![limit(1)] #![derive(Debug)]));
        assert_eq!(
            (graph.sent.ok(), graph.list),
            (Some(Some(vec![1, 2])), graph::Settled::Done(()))
        );
    }

    #[test]
    fn a_task_of_the_previous_edition_may_be_named_gen() {
        let graph =
            block_on(go! { gen => 1, next: [gen] => gen + 1, last: [next, gen as &n] => next + n });
        assert_eq!((graph.gen, graph.next, graph.last), (1, 2, 3));
        let graph = go! { #![settle] gen => parse("1").await?, next: [move gen] => gen + 1 };
        assert_eq!(block_on(graph).next, graph::Settled::Done(2));
        assert_eq!(block_on(go! { gen => 1, => gen }), 1);
    }

    #[test]
    fn conditions_are_chains_in_the_previous_edition() {
        let text = Some("3");
        let graph = go! {
            number if let Some(text) = text && let Ok(number) = text.parse::<u8>() && number > 2 => number,
            none if text.is_none() && let Some(text) = text => text.len(),
            last: [number] if let Some(n) = number && *n > 2 && let 3..=9 = *n => n + 1,
        };
        assert_eq!(block_on(graph).into_tuple(), (Some(3), None, Some(4)));
    }

    #[test]
    fn task_error_is_the_library_type() {
        let failed = block_on(go! { #![name_errors] number => parse("x").await?, => number });
        let error: graph::TaskError<ParseIntError> = failed.unwrap_err();
        assert_eq!(error.task(), "number");
    }

    #[test]
    fn block_under_another_name_runs() {
        let sum = together!({
            let first = parse("1").await?;
            let second = parse("2").await?;
            Ok::<_, ParseIntError>(first + second)
        });
        assert_eq!(block_on(sum), Ok(3));
    }
}
