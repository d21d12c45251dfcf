//! Cursor positions, marked `$0`, in graphs and in the same code by hand.

/// A graph, and the same code by hand, broken in the same way.
pub(crate) struct Case {
    /// What is offered …
    pub(crate) what: &'static str,
    pub(crate) graph: &'static str,
    pub(crate) by_hand: &'static str,
    /// … and some of it.
    pub(crate) offered: &'static [&'static str],
}

const fn case(
    what: &'static str,
    graph: &'static str,
    by_hand: &'static str,
    offered: &'static [&'static str],
) -> Case {
    Case {
        what,
        graph,
        by_hand,
        offered,
    }
}

const USER: &[&str] = &["id", "is_new", "name"];

/// The members of a value.
pub(crate) const MEMBERS: &[Case] = &[
    case(
        "in a body of a whole graph",
        "auto! { user => load_user(1).await?, posts: [user] => load_posts(user.$0).await?, \
         last: [posts] => posts.count }.await?",
        "let user = &load_user(1).await?; let posts = async { load_posts(user.$0).await? }",
        USER,
    ),
    case(
        "in a body at the end, without a comma",
        "auto! { user => load_user(1).await?, posts: [user] => user.$0 }",
        "let user = &load_user(1).await?; let posts = async { user.$0 }",
        USER,
    ),
    case(
        "before a task, without a comma",
        "auto! { user => load_user(1).await?, a: [user] => user.$0\n b: [user] => user.id, c => 1 }",
        "let user = &load_user(1).await?; let a = async { user.$0 }; let b = async { user.id }",
        USER,
    ),
    case(
        "before a task without brackets, without a comma",
        "auto! { user => load_user(1).await?, a: [user] => user.$0\n b => 2, c => 1 }",
        "let user = &load_user(1).await?; let a = async { user.$0 }; let b = async { 2 }",
        USER,
    ),
    case(
        "before the final arm, without a comma",
        "auto! { user => load_user(1).await?, a: [user] => user.$0\n => a }",
        "let user = &load_user(1).await?; let a = async { user.$0 }; let b = async { a }",
        USER,
    ),
    case(
        "while an earlier task is broken",
        "auto! { user => load_user(1).await?, a: [user] => user., b: [user] => load_posts(user.$0) }",
        "let user = &load_user(1).await?; let a = async { user. }; let b = async { load_posts(user.$0) }",
        USER,
    ),
    case(
        "of a value whose own task is broken",
        "auto! { user => load_user(1).await?, posts: [user] => load_posts(user.).await?, last: [posts] => posts.$0 }",
        "let user = &load_user(1).await?; let posts = &load_posts(user.).await?; let last = async { posts.$0 }",
        &["count", "is_empty"],
    ),
    case(
        "in a body that infers its dependencies",
        "auto! { user => load_user(1).await?, posts: [..] => load_posts(user.$0).await?, last: [posts] => posts.count }",
        "let user = &load_user(1).await?; let posts = async { load_posts(user.$0).await? }",
        USER,
    ),
    case(
        "of a variable outside with the name of the task",
        "let user = load_user(1).await?; auto! { #![infer] user => user.$0, posts => user.id }",
        "let user = load_user(1).await?; async { user.$0 }",
        &["id", "into_name", "rename"],
    ),
    case(
        "of an item",
        "auto! { user => load_user(1).await?, posts: [user] for author in [user] => load_posts(author.$0).await? }",
        "let user = &load_user(1).await?; for author in [user] { load_posts(author.$0).await? }",
        USER,
    ),
    case(
        "in an iterable",
        "auto! { user => load_user(1).await?, posts: [user] for id in [user.$0] => load_posts(id).await?, last => 1 }",
        "let user = &load_user(1).await?; for id in [user.$0] { load_posts(id).await? }",
        USER,
    ),
    case(
        "at the end of an iterable",
        "auto! { user => load_user(1).await?, posts: [user] for id in user.$0 => load_posts(1).await?, last => 1 }",
        "let user = &load_user(1).await?; for id in user.$0 { load_posts(1).await? }",
        USER,
    ),
    case(
        "in a condition",
        "auto! { user => load_user(1).await?, posts: [user] if user.$0 => load_posts(1).await? }",
        "let user = &load_user(1).await?; let posts = async { if user.$0 { load_posts(1).await? } }",
        USER,
    ),
    case(
        "in a condition with `let`",
        "auto! { user => load_user(1).await?, posts: [user] if let 1 = user.$0 => 1 }",
        "let user = &load_user(1).await?; let posts = async { if let 1 = user.$0 { 1 } }",
        USER,
    ),
    case(
        "in a condition, with nothing after it",
        "auto! { user => load_user(1).await?, posts: [user] if user.$0 , last => 1 }",
        "let user = &load_user(1).await?; let posts = async { if user.$0 { 1 } }",
        USER,
    ),
    case(
        "in the final arm",
        "auto! { user => load_user(1).await?, posts: [user] => load_posts(user.id).await?, => user.$0 }",
        "let user = load_user(1).await?; let posts = load_posts(user.id).await?; async { user.$0 }",
        &["id", "into_name", "rename"],
    ),
    case(
        "in a struct in the final arm",
        "auto! { user => load_user(1).await?, n: [user] => 1, => Page { user: user.$0, n } }",
        "let user = load_user(1).await?; let n = 1; async { Page { user: user.$0, n } }",
        USER,
    ),
    case(
        "in a body with a missing parenthesis",
        "auto! { user => load_user(1).await?, posts: [user] => load_posts(user.$0, last => 1 }",
        "let user = &load_user(1).await?; let posts = async { load_posts(user.$0; let last = 1; }",
        USER,
    ),
    case(
        "beside an unknown dependency of another task",
        "auto! { user => load_user(1).await?, posts: [user] => user.$0, other: [usr] => usr.id }",
        "let user = &load_user(1).await?; let posts = async { user.$0 }; let other = async { usr.id }",
        USER,
    ),
    case(
        "beside an unknown dependency of its own",
        "auto! { user => load_user(1).await?, posts: [usr, user] => user.$0 }",
        "let user = &load_user(1).await?; let posts = async { user.$0 }",
        USER,
    ),
    case(
        "beside two tasks of one name",
        "auto! { user => load_user(1).await?, posts: [user] => 1, posts: [user] => user.$0 }",
        "let user = &load_user(1).await?; let posts = 1; let posts = async { user.$0 }",
        USER,
    ),
    case(
        "beside a cycle",
        "auto! { user => load_user(1).await?, posts: [user, b] => user.$0, a: [b] => 1, b: [a] => 1 }",
        "let user = &load_user(1).await?; let posts = async { user.$0 }",
        USER,
    ),
    case(
        "beside tasks that have no body yet",
        "auto! { user => load_user(1).await?, oth posts: [user] => user.$0, last: }",
        "let user = &load_user(1).await?; let posts = async { user.$0 }",
        USER,
    ),
    case(
        "of a value that is changed",
        "auto! { user => load_user(1).await?, posts: [mut user] => user.$0, last: [user, posts as _] => user.id }",
        "let mut user = load_user(1).await?; let user = &mut user; let posts = async { user.$0 }",
        &["id", "rename"],
    ),
    case(
        "of a value that is taken",
        "auto! { user => load_user(1).await?, posts: [move user] => user.$0 }",
        "let user = load_user(1).await?; let posts = async { user.$0 }",
        &["id", "into_name"],
    ),
    case(
        "of what a pattern binds",
        "auto! { user => load_user(1).await?, posts: [user as User { name, .. }] => name.$0, last: [posts] => 1 }",
        "let user = &load_user(1).await?; let User { name, .. } = user; let posts = async { name.$0 }",
        &["first"],
    ),
    case(
        "in a pattern",
        "auto! { user => load_user(1).await?, posts: [user as User { $0 }] => 1 }",
        "let user = &load_user(1).await?; let User { $0 } = user",
        &["id", "name"],
    ),
    case(
        "behind gates",
        "auto! { a => load_user(1).await?, b => load_user(2).await?, c: [a] => a.id, d: [b] => b.id, e: [c, \
         d] => c + d, f: [d, b] => b.$0 }.await?",
        "let b = &load_user(2).await?; let f = async { b.$0 }",
        USER,
    ),
    case(
        "in the statements of a block",
        "auto! { user => load_user(1).await?, n: [user] => { let n = user.id; user.name.$0 n }, \
         last: [n] => 1 }.await?",
        "let user = &load_user(1).await?; let n = async { { let n = user.id; user.name.$0 n } }",
        &["first"],
    ),
    case(
        "in a closure",
        "auto! { user => load_user(1).await?, posts: [user] => Some(1).map(|n| user.$0), last: [posts] => 1 }",
        "let user = &load_user(1).await?; let posts = async { Some(1).map(|n| user.$0) }",
        USER,
    ),
    case(
        "before the `.await`",
        "auto! { user => load_user(1).$0, posts: [user] => 1 }",
        "let user = async { load_user(1).$0 }",
        &["await"],
    ),
    case(
        "after the `.await`",
        "auto! { user => load_user(1).await.$0, posts: [user] => 1 }",
        "let user = async { load_user(1).await.$0 }",
        &["is_ok", "unwrap"],
    ),
    case(
        "in a path",
        "auto! { user => User::$0, posts: [user] => 1 }",
        "let user = async { (User::$0) }",
        &["is_new"],
    ),
    case(
        "under `settle`",
        "auto! { #![settle] user => load_user(1).await?, posts: [user] => load_posts(user.$0).await?, }.await",
        "let user = &load_user(1).await?; let posts = async { load_posts(user.$0).await? }",
        USER,
    ),
    case(
        "under `name_errors`",
        "auto! { #![name_errors] user => load_user(1).await?, posts: [user] => load_posts(user.$0).await?, \
         a: [user] => 1 }",
        "let user = &load_user(1).await?; let posts = async { load_posts(user.$0).await? }",
        USER,
    ),
    case(
        "of the graph's result",
        "let page = auto! { user => load_user(1).await?, n: [user] => user.id, }.await?; page.user.$0",
        "let page = (load_user(1).await?, 1); page.0.$0",
        USER,
    ),
];

/// Names that are in scope.
pub(crate) const NAMES: &[Case] = &[
    case(
        "in brackets",
        "auto! { user => load_user(1).await?, posts: [us$0] => 1 }",
        "let user = &load_user(1).await?; let posts = 1; _ = (us$0,)",
        &["user"],
    ),
    case(
        "in brackets, at the end of a task's name",
        "auto! { user => load_user(1).await?, posts: [user$0] => user.id }",
        "let user = &load_user(1).await?; let posts = 1; _ = (user$0,)",
        &["user"],
    ),
    case(
        "in brackets that are empty",
        "auto! { user => load_user(1).await?, posts: [$0] => 1 }",
        "let user = &load_user(1).await?; let posts = 1; _ = ($0,)",
        &["user"],
    ),
    case(
        "in brackets, after a comma",
        "auto! { user => load_user(1).await?, other => 2, posts: [user, $0] => 1 }",
        "let user = &load_user(1).await?; let other = 2; let posts = 1; _ = ($0,)",
        &["user", "other"],
    ),
    case(
        "in brackets, after `mut`",
        "auto! { user => load_user(1).await?, other => 2, posts: [mut us$0] => 1 }",
        "let user = &load_user(1).await?; let other = 2; let posts = 1; _ = (us$0,)",
        &["user", "other"],
    ),
    case(
        "in a body",
        "let around = 1; auto! { user => load_user(1).await?, other => 2, posts: [user] => us$0 }.await?",
        "let around = 1; { let user = &load_user(1).await?; async { (us$0) } }",
        &["user", "around"],
    ),
    case(
        "in an empty body",
        "auto! { user => load_user(1).await?, posts: [user] => $0, last => 3 }.await?",
        "{ let user = &load_user(1).await?; async { ($0) } }",
        &["user"],
    ),
    case(
        "in an empty body at the end",
        "auto! { user => load_user(1).await?, posts: [user] => $0 }.await?",
        "{ let user = &load_user(1).await?; async { ($0) } }",
        &["user"],
    ),
    case(
        "in an empty body before a task, without a comma",
        "auto! { user => load_user(1).await?, posts: [user] => $0\n last: [user] => 3 }.await?",
        "{ let user = &load_user(1).await?; async { ($0) } }",
        &["user"],
    ),
    case(
        "in a body beside others",
        "auto! { user => load_user(1).await?, posts: [user] => u$0, last: [user] => 3 }.await?",
        "{ let user = &load_user(1).await?; async { (u$0) } }",
        &["user"],
    ),
    case(
        "in a body that infers its dependencies",
        "let around = 1; auto! { user => load_user(1).await?, other => 2, posts: [..] => us$0 }.await?",
        "let around = 1; { let user = &load_user(1).await?; let other = &2; let posts = &1; async { (us$0) } }",
        &["user", "other", "around"],
    ),
    case(
        "in an empty body of a graph that infers",
        "auto! { #![infer] user => load_user(1).await?, posts => $0, last => 3 }.await?",
        "{ let user = &load_user(1).await?; let posts = &1; let last = &3; async { ($0) } }",
        &["user", "last"],
    ),
    case(
        "in a statement of a graph that infers",
        "auto! { #![infer] user => load_user(1).await?, posts => { let n = 1; us$0 n }, last => 3 }.await?",
        "{ let user = &load_user(1).await?; let posts = &1; let last = &3; async { { let n = 1; us$0 n } } }",
        &["user", "last", "n"],
    ),
    case(
        "in a limit",
        "let most = 3; auto! { #![limit(mo$0)] user => load_user(1).await?, posts: [user] => 1 }",
        "let most = 3; let limit = (mo$0)",
        &["most"],
    ),
    case(
        "in the type of the error",
        "auto! { #![error(Err$0)] user => load_user(1).await?, posts: [user] => 1 }",
        "let error: Option<Err$0> = None",
        &["Error"],
    ),
];
