//! The text for the terminal, word for word.

use conjoin::explain;

#[test]
fn no_task_and_one_task() {
    assert_eq!(explain! {}.to_string(), "no tasks\n");
    assert_eq!(
        explain! { one => 1 }.to_string(),
        "1 task\n\n  task  needs\n  one\n\nplan: one\n"
    );
}

#[test]
fn tasks_side_by_side() {
    let graph = explain! { #![settle] #![name_errors] a => 1, b => 1, c => 1, d => 1, e => 1, f => 1, g => 1, h => 1 };
    let text = graph.to_string();
    let first = "8 tasks, all independent, at most 8 at a time; an error ends only its task\n";
    assert!(
        text.starts_with(&format!("{first}#![settle] #![name_errors]\n")),
        "{text}"
    );
    assert!(
        text.contains("plan: concurrently, each with a waker of its own\n├─ a\n"),
        "{text}"
    );
    assert!(text.ends_with("└─ h\n"), "{text}");
}

#[test]
fn an_order() {
    let graph = explain! {
        #![error(AppError)]
        tx => pool.begin().await?,
        items: [mut tx] => tx.insert(cart).await?,
        customer => crm.customer(id).await?,
        discount: [customer] if customer.is_regular() => prices.discount(customer).await?,
        total: [items, discount] => price(items, discount),
        commit: [move tx, total as _] => tx.commit().await?,
    };
    let expected = "\
6 tasks, 4 in the longest chain, at most 2 at a time; the first error cancels the rest
#![error(AppError)]

  task      needs
  tx                              can fail
  items     &mut tx               can fail
  customer                        can fail
  discount  &customer             conditional, can fail
  total     &items, &discount
  commit    move tx, after total  can fail

plan: in sequence
├─ concurrently
│  ├─ in sequence
│  │  ├─ tx
│  │  └─ items
│  └─ in sequence
│     ├─ customer
│     └─ discount
├─ total
└─ commit

longest chain: tx -> items -> total -> commit
";
    assert_eq!(graph.to_string(), expected);
}

#[test]
fn gated_parts_say_their_reasons() {
    let graph = explain! {
        a => 1, b => 1, c: [a] => 1, d: [a, b] => 1,
        passed => 1, read => 1, shared => 1,
        one: [read, mut passed] => 1,
        two: [read, shared] => 1,
        three: [one, move passed] => 1,
        four: [two, mut shared] => 1,
        five: [one, two] => 1,
    };
    let text = graph.to_string();
    let (_, plan) = text.split_once("\nplan: ").expect("there is a plan");
    let expected = "\
concurrently
├─ each once its dependencies complete
│  │ because `d` waits for `a` and `b`, `c` for `a` but not for `b`
│  ├─ a; then c
│  ├─ b; then d after a
│  └─ in a slot that is filled once: a
└─ each once its dependencies complete
   │ because `one` waits for `read` and `passed`, `two` for `read` but not for
   │ `passed`
   ├─ passed; then five after one, two
   ├─ read; then one after passed; then three after passed
   ├─ shared; then two after read; then four
   ├─ in a slot that is filled once: read, one, two
   └─ in a slot that passes it on: passed

longest chain: passed -> one -> three
";
    assert_eq!(plan, expected);
}

#[test]
fn a_limit_bounds_how_many_run() {
    let first_line = |text: String| text.lines().next().map(str::to_owned);
    let limited = explain! { #![limit(2)] a => 1, b => 1, c => 1 };
    let expected = "3 tasks, all independent, at most 2 at a time";
    assert_eq!(first_line(limited.to_string()).as_deref(), Some(expected));
    let high = explain! { #![limit(9)] a => 1, b: [a] => 1 };
    assert_eq!(
        first_line(high.to_string()).as_deref(),
        Some("2 tasks, 2 in the longest chain, at most 1 at a time")
    );
    let unknown = explain! { #![limit(n)] a => 1, b: [a] => 1, c: [a] => 1 };
    let expected = "3 tasks, 2 in the longest chain, at most 2 at a time, or as many as the limit";
    assert_eq!(first_line(unknown.to_string()).as_deref(), Some(expected));
}

#[test]
fn long_lists_wrap_into_columns() {
    let graph = explain! {
        人間 => 1, a_rather_long_name_of_a_task => 1, another_name => 1, yet_another_name => 1,
        last: [人間, a_rather_long_name_of_a_task, move another_name, yet_another_name] => 1,
    };
    let text = graph.to_string();
    let expected = "
  task                          needs
  人間
  a_rather_long_name_of_a_task
  another_name
  yet_another_name
  last                          &人間, &a_rather_long_name_of_a_task, move another_name,
                                &yet_another_name
";
    assert!(text.contains(expected), "{text}");
    let short = explain! { 人間 => 1, ab => 1, c: [人間] if x => 1 }.to_string();
    assert!(short.contains("\n  c     &人間  conditional\n"), "{short}");
}

#[test]
fn columns_align_in_every_script() {
    let graph =
        explain! { ứng_dụng => 1, 使用者 => 1, naïve: [ứng_dụng] => 1, ἄλφα: [使用者] => 1 };
    let expected = "
  task      needs
  ứng_dụng
  使用者
  naïve     &ứng_dụng
  ἄλφα      &使用者
";
    let text = graph.to_string();
    assert!(text.contains(expected), "{text}");
}

#[test]
fn long_text_wraps_at_80_columns() {
    let graph = explain! {
        configuration_of_the_shop => 1, prices_of_the_season => 1,
        total_of_the_order: [configuration_of_the_shop, prices_of_the_season] => 1,
        customer_of_the_order: [configuration_of_the_shop] => 1,
        receipt_for_the_customer: [total_of_the_order, customer_of_the_order] => 1,
    };
    let text = graph.to_string();
    let (_, plan) = text.split_once("\nplan: ").expect("there is a plan");
    let expected = "\
in sequence
├─ each once its dependencies complete
│  │ because `total_of_the_order` waits for `configuration_of_the_shop` and
│  │ `prices_of_the_season`, `customer_of_the_order` for
│  │ `configuration_of_the_shop` but not for `prices_of_the_season`
│  ├─ configuration_of_the_shop; then customer_of_the_order
│  ├─ prices_of_the_season; then total_of_the_order after
│  │    configuration_of_the_shop
│  └─ in a slot that is filled once: configuration_of_the_shop
└─ receipt_for_the_customer

longest chain: configuration_of_the_shop -> total_of_the_order ->
  receipt_for_the_customer
";
    assert_eq!(plan, expected);
}

#[test]
fn inferred_dependencies_are_marked() {
    let graph = explain! { #![infer] a => 1, b: [a as _] => 2, c => g(a, b), d: [mut a, c as _, ..] => b + 1 };
    let text = graph.to_string();
    assert!(text.contains("&a (inferred), &b (inferred)"), "{text}");
    assert!(text.contains("&mut a, after c, &b (inferred)"), "{text}");
    assert!(text.contains("after a\n"), "{text}");
    assert!(graph.mermaid().contains("t1 -->|inferred| t2"));
    let inferred = graph.tasks()[3].dependencies();
    assert_eq!([false, true], [0, 2].map(|at| inferred[at].is_inferred()));
}
