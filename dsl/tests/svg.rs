//! Pictures of graphs: properties of every picture, and the picture in the documentation.

use std::collections::BTreeSet;

use conjoin::explain;
use conjoin::explain::Explanation;

/// `UPDATE=1 cargo test -p conjoin --features svg --test svg` redraws it. Look at it before you commit it.
#[test]
fn documented_picture_shows_the_page() {
    let page = explain! {
        user => db.user(id).await?,
        posts:    [user] => db.posts(user.id).await?,
        comments: [user] => db.comments(user.id).await?,
    };
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/auto/page.svg");
    let svg = page.svg();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &svg).expect("the picture can be written");
    }
    assert!(
        !svg.contains("\n\n"),
        "Markdown would end the picture at an empty line"
    );
    assert_eq!(
        std::fs::read_to_string(path).expect("the picture is there"),
        svg
    );
}

/// The values of an attribute of all elements of a name, in the order of their appearance.
fn values(svg: &str, element: &str, attribute: &str) -> Vec<f64> {
    let (start, before) = (format!("<{element} "), format!(" {attribute}=\""));
    let tags = svg
        .split(start.as_str())
        .skip(1)
        .filter_map(|rest| rest.split('>').next());
    let values = tags.filter_map(|tag| {
        let tag = format!(" {tag}");
        tag.split_once(&before)?.1.split('"').next()?.parse().ok()
    });
    values.collect()
}

/// Left, top, right and bottom of each box.
fn boxes(svg: &str) -> Vec<[f64; 4]> {
    let [x, y, width, height] =
        ["x", "y", "width", "height"].map(|attribute| values(svg, "rect", attribute));
    (0..x.len())
        .map(|at| [x[at], y[at], x[at] + width[at], y[at] + height[at]])
        .collect()
}

/// Everything is inside the picture, boxes do not overlap, texts are in their boxes, and arrows point down.
#[track_caller]
fn assert_is_good(graph: &Explanation) {
    let svg = graph.svg();
    assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    let (_, view) = svg.split_once("viewBox=\"").expect("a picture has a view");
    let view: Vec<f64> = view
        .split('"')
        .next()
        .unwrap_or_default()
        .split(' ')
        .map(|number| number.parse().expect("a number"))
        .collect();
    let is_in_view = |x: f64, y: f64| {
        (view[0]..=view[0] + view[2]).contains(&x) && (view[1]..=view[1] + view[3]).contains(&y)
    };
    let boxes = boxes(&svg);
    assert_eq!(boxes.len(), graph.tasks().len());
    let lengths = values(
        &svg.replace("<text class", "<label class"),
        "text",
        "textLength",
    );
    for (at, [left, top, right, bottom]) in boxes.iter().enumerate() {
        assert!(
            is_in_view(*left, *top) && is_in_view(*right, *bottom),
            "{svg}"
        );
        assert!(lengths[at] + 20.0 < right - left, "{svg}");
        for [other_left, other_top, other_right, other_bottom] in &boxes[at + 1..] {
            let apart = other_right < left
                || right < other_left
                || other_bottom < top
                || bottom < other_top;
            assert!(apart, "{svg}");
        }
    }
    let paths = svg
        .split("<path class=\"e")
        .skip(1)
        .filter_map(|path| path.split(" d=\"").nth(1)?.split('"').next());
    let paths: Vec<_> = paths.collect();
    assert_eq!(
        paths.len(),
        graph
            .tasks()
            .iter()
            .map(|task| task.dependencies().len())
            .sum::<usize>()
    );
    for path in paths {
        let numbers = path
            .split(|char: char| char.is_ascii_uppercase() || char == ' ')
            .filter(|it| !it.is_empty());
        let numbers: Vec<f64> = numbers
            .map(|number| number.parse().expect("a number"))
            .collect();
        assert!(
            numbers
                .chunks(2)
                .all(|point| is_in_view(point[0], point[1])),
            "{path} in {svg}"
        );
        assert!(numbers[1] < numbers[numbers.len() - 1], "{path} in {svg}");
    }
}

#[test]
fn graphs_of_every_shape_are_drawn_well() {
    assert_is_good(&explain! {});
    assert_is_good(&explain! { one => 1 });
    assert_is_good(&explain! { a => 1, b => 1, c => 1 });
    assert_is_good(&explain! { a => 1, b: [a] => 1, c: [b] => 1, d: [a, c] => 1, e: [a] => 1 });
    assert_is_good(
        &explain! { a => 1, b => 1, c: [a, b] => 1, d: [a, b] => 1, e: [c, d] => 1, f: [c, d] => 1 },
    );
    assert_is_good(
        &explain! { a => 1, b: [a] => 1, c => 1, d: [c as _] => 1, e: [mut c, d] => 1, alone => 1 },
    );
    assert_is_good(&explain! {
        tx => 1, items: [mut tx] => 1, customer => 1, discount: [customer] if true => 1, total: [items, discount] => 1,
        paid: [customer, total] => 1, commit: [move tx, paid as _] => 1, receipt: [paid, commit as _] => 1,
    });
    assert_is_good(&explain! {
        人間 => 1, größe: [人間 as _] => 1,
        a_name_so_long_that_it_needs_a_wide_box_to_stand_in_and_then_somewhat_more_of_it: [größe, move 人間] => 1,
    });
}

#[test]
fn independent_parts_are_drawn_apart() {
    let graph = explain! {
        tx => 1, order: [mut tx] => 1, seen: [tx, order] => 1, left: [mut tx, seen] => 1, right: [seen] => 1,
        sent: [move tx, left, right] => 1,
        north_1 => 1, north_2: [mut north_1] => 1, north_3: [north_1, north_2 as _] => 1,
        south_1 => 1, south_2: [mut south_1] => 1, south_3: [mut south_1, north_2, south_2 as _] => 1,
    };
    let svg = graph.svg();
    let (boxes, paths) = (
        boxes(&svg),
        svg.lines()
            .filter(|line| line.starts_with("<path class=\"e x\"")),
    );
    let right_of = |boxes: &[[f64; 4]]| boxes.iter().map(|it| it[2]).fold(f64::MIN, f64::max);
    let left_of_others = boxes[6..].iter().map(|it| it[0]).fold(f64::MAX, f64::min);
    assert!(right_of(&boxes[..6]) < left_of_others, "{svg}");
    // `sent` takes `tx` from the beginning to the end, past all others of its part, and past nothing else.
    let taken = paths
        .filter(|path| path.contains("sent: move tx"))
        .collect::<String>();
    let path = taken
        .split(" d=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .expect("an arrow");
    let numbers = path
        .split(|char: char| char.is_ascii_uppercase() || char == ' ')
        .filter(|it| !it.is_empty());
    let across: Vec<f64> = numbers
        .step_by(2)
        .map(|number| number.parse().expect("a number"))
        .collect();
    assert!(
        across.iter().all(|x| *x < left_of_others),
        "{path} in {svg}"
    );
}

#[test]
fn each_kind_of_arrow_and_task_looks_different() {
    let graph =
        explain! { a => 1, b: [a] => 1, c: [mut a, b as _] if true => 1, d: [move a, c as _] => 1 };
    let svg = graph.svg();
    let classes: Vec<_> = svg
        .split("<path class=\"")
        .skip(1)
        .filter_map(|path| path.split('"').next())
        .filter(|it| *it != "a")
        .collect();
    assert_eq!(classes, ["e", "e x", "e o", "e x", "e o"]);
    assert_eq!(svg.matches("class=\"if\"").count(), 1);
    let labels: Vec<_> = svg
        .split("<text class=\"l\"")
        .skip(1)
        .filter_map(|text| text.split(['>', '<']).nth(1))
        .collect();
    assert_eq!(labels, ["mut", "move"]);
}

#[test]
fn picture_has_a_text_description() {
    let svg = explain! { a => 1, b => 1, c: [a, mut b] => 1 }.svg();
    assert!(
        svg.starts_with(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"conjoin\" role=\"img\" "
        ),
        "{svg}"
    );
    assert!(
        svg.contains("<title>A graph of tasks: a; b; c after a, b</title>"),
        "{svg}"
    );
    assert!(
        svg.contains("<title>c: &amp;a</title>") && svg.contains("<title>c: &amp;mut b</title>"),
        "{svg}"
    );
    let entities: BTreeSet<_> = svg
        .split('&')
        .skip(1)
        .filter_map(|rest| rest.split(';').next())
        .collect();
    assert_eq!(entities, BTreeSet::from(["amp"]));
}

/// A graph as the macro would create it, without a plan, which pictures do not show.
fn random_graph(next: &mut impl FnMut(usize) -> usize) -> Explanation {
    use conjoin::__private::explain::{Access, dependency, explanation, options, task};
    const ACCESSES: [Access; 4] = [Access::Read, Access::Change, Access::Take, Access::Order];
    let (count, chance) = (1 + next(24), 1 + next(8));
    let names: Vec<&str> = (0..count)
        .map(|task| {
            &*"a_name_of_some_length".repeat(2)[..=task + next(18)]
                .to_owned()
                .leak()
        })
        .collect();
    let tasks = (0..count).map(|index| {
        let needs = (0..index)
            .filter(|_| next(chance + 1) == 0)
            .collect::<Vec<_>>()
            .into_iter();
        let needs = needs
            .map(|need| dependency(need, names[need], ACCESSES[next(4)]))
            .collect::<Vec<_>>();
        task(names[index], 1, next(3) == 0, false, needs.leak())
    });
    explanation(
        tasks.collect::<Vec<_>>().leak(),
        options(None, None, [false; 4]),
        None,
        &[],
        0,
    )
}

#[test]
fn random_graphs_are_drawn_well() {
    let mut random = 88_172_645_463_325_252_u64;
    let mut next = |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        usize::try_from(random % below as u64).expect("a small number")
    };
    let count = std::env::var("GRAPHS").map_or(40, |count| count.parse().expect("a number"));
    for _ in 0..count {
        assert_is_good(&random_graph(&mut next));
    }
}

#[test]
fn for_task_is_a_stack_of_boxes() {
    let graph = explain! {
        ids => 1,
        names: [ids] for id in ids => id,
        page: [names, ids] => 1,
        alone for x in y => x,
    };
    assert_is_good(&graph);
    assert_eq!(graph.svg().matches("<path fill=\"none\"").count(), 4);
}
