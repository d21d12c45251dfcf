//! `for PATTERN in ITERABLE`, between a task's brackets and its `=>`.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use syn::parse::Parse as _;
use syn::{Expr, Pat};

use super::conditions::head;
use super::dependencies::Brackets;
use super::{Parser, abbreviate};
use crate::ast::Each;
use crate::syntax::token::{ends_operand, group, operator, punct, word};
use crate::syntax::{Code, Pattern, code};

/// What stands between a task's brackets and its body: one of the two at most.
#[derive(Default)]
pub(super) struct Middle {
    pub(super) condition: Option<Code>,
    pub(super) each: Option<Each>,
}

/// Where the parts of a `for` are: after the keyword, after `in`, and at the end.
struct Place {
    pattern: usize,
    iterable: Option<usize>,
    end: usize,
    tree: Option<Expr>,
}

impl Parser<'_, '_> {
    /// The condition or the `for`, if there is one, and the `=>` after it, or an error placeholder when no body follows.
    pub(super) fn middle_and_arrow(
        &mut self,
        name: &Ident,
        brackets: &mut Brackets,
    ) -> (Middle, Option<Code>) {
        self.skip_condition_before_for(name, brackets);
        let Some(keyword) = self.peek().filter(|token| word(token, "for")).cloned() else {
            let (condition, arrow) = self.condition_and_arrow(name, brackets);
            let each = None;
            return (Middle { condition, each }, arrow);
        };
        let colon = self.tokens[..self.at].last();
        let colon = colon.filter(|token| punct(token, ':')).cloned();
        self.at += 1;
        let place = self.place_of_for();
        self.at = place.end;
        let has_arrow = operator(&self.tokens, place.end, ['=', '>']);
        let is_lost = place.end == place.pattern && !has_arrow;
        let each = self.each(name, &keyword, place, brackets);
        let head = head_with(&head(name, brackets), &each);
        if let Some(colon) = colon {
            let fact = "there are no dependencies after this `:`";
            self.errors
                .report(&colon, fact, &format!("write `{head} => …`"));
        }
        let each = Some(each);
        let condition = None;
        if is_lost {
            self.take_punct(',');
            // What is missing has been reported.
            let body = each.as_ref().map(|each| each.iterable.tokens().to_vec());
            return (
                Middle { condition, each },
                Some(Code::read(body.unwrap_or_default())),
            );
        }
        (Middle { condition, each }, self.arrow(name, &head))
    }

    /// `if CONDITION for …`: a task has one of the two.
    fn skip_condition_before_for(&mut self, name: &Ident, brackets: &Brackets) {
        if !self.peek().is_some_and(|token| word(token, "if")) {
            return;
        }
        let start = self.at;
        self.at += 1;
        let read = self.expression(Expr::parse_without_eager_brace);
        let end = read.map(|(_, end)| end);
        let end = end.filter(|&end| self.tokens.get(end).is_some_and(|it| word(it, "for")));
        let Some(end) = end else {
            self.at = start;
            return;
        };
        self.at = end + 1;
        let place = self.place_of_for();
        self.at = end;
        let text = |tokens: &[TokenTree]| abbreviate(&code(&tokens.iter().cloned().collect()));
        let condition = text(&self.tokens[start + 1..end]);
        let (pattern, iterable) = match place.iterable {
            Some(iterable) => (
                text(&self.tokens[place.pattern..iterable - 1]),
                text(&self.tokens[iterable..place.end]),
            ),
            None => ("PATTERN".to_owned(), "ITERABLE".to_owned()),
        };
        let tokens = self.tokens[start..end].to_vec();
        self.refuse_both(&tokens, name, brackets, [&condition, &pattern, &iterable]);
        self.lost.extend(tokens);
    }

    fn refuse_both(
        &mut self,
        at: &[TokenTree],
        name: &Ident,
        brackets: &Brackets,
        [condition, pattern, iterable]: [&str; 3],
    ) {
        self.errors.report(
            at,
            &format!("task `{name}` has both a condition and `for`"),
            &format!(
                "choose the items in the iterable, `{} for {pattern} in {iterable}.into_iter().filter(|_| {condition}) => …`, \
                 or test in the body, whose value may be an `Option`",
                head(name, brackets)
            ),
        );
    }

    /// Finds the parts of a `for` whose keyword has been taken.
    fn place_of_for(&mut self) -> Place {
        let pattern = self.at;
        let read = self.expression(Pat::parse_multi_with_leading_vert);
        let read = read.map(|(_, end)| end);
        let read = read.filter(|&end| self.tokens.get(end).is_some_and(|it| word(it, "in")));
        let limit = self.end_of_middle(pattern);
        let is_in = |at: &usize| word(&self.tokens[*at], "in");
        let keyword = read.or_else(|| (pattern..limit).find(is_in));
        let Some(keyword) = keyword else {
            return Place {
                pattern,
                iterable: None,
                end: limit,
                tree: None,
            };
        };
        let iterable = keyword + 1;
        self.at = iterable;
        let read = self.expression(Expr::parse_without_eager_brace);
        let read = read.filter(|(_, end)| operator(&self.tokens, *end, ['=', '>']));
        match read {
            Some((tree, end)) => Place {
                pattern,
                iterable: Some(iterable),
                end,
                tree: Some(tree),
            },
            None => Place {
                pattern,
                iterable: Some(iterable),
                end: self.end_of_middle(iterable),
                tree: None,
            },
        }
    }

    /// Before the `=>`, or what is written instead.
    fn end_of_middle(&self, start: usize) -> usize {
        let end = self.recovered_condition_end(start);
        if operator(&self.tokens, end, ['=', '>']) {
            return end;
        }
        let instead = (start..end).find(|&at| operator(&self.tokens, at, ['-', '>']));
        instead.unwrap_or(end)
    }

    /// The `for` at this place, up to which all has been taken.
    fn each(
        &mut self,
        name: &Ident,
        keyword: &TokenTree,
        place: Place,
        brackets: &mut Brackets,
    ) -> Each {
        let has_arrow = operator(&self.tokens, place.end, ['=', '>']);
        let span = keyword.span();
        let Some(start) = place.iterable else {
            let tokens = self.tokens[place.pattern..place.end].to_vec();
            // The same words whether the pattern is there or not: they stand before it.
            let fact = format!("task `{name}` has no `in ITERABLE` after `for`");
            let help = format!(
                "write `{} for PATTERN in ITERABLE => …`",
                head(name, brackets)
            );
            let iterable = self.placeholder(keyword, &fact, &help);
            let pattern = if tokens.is_empty() {
                no_pattern()
            } else {
                Pattern::read(&tokens)
            };
            return Each {
                span,
                pattern,
                iterable,
            };
        };
        let mut tokens = self.tokens[start..place.end].to_vec();
        self.brackets_after_for(name, &mut tokens, place.pattern, brackets);
        self.condition_after_for(name, &mut tokens, place.pattern, brackets);
        if !has_arrow && ends_in_block(&tokens) {
            // The body, without an `=>`.
            tokens.pop();
            self.at -= 1;
        }
        let pattern = self.tokens[place.pattern..start - 1].to_vec();
        let text = |tokens: &[TokenTree], instead: &str| {
            if tokens.is_empty() {
                instead.to_owned()
            } else {
                abbreviate(&code(&tokens.iter().cloned().collect()))
            }
        };
        let help = format!(
            "write `{} for {} in {} => …`",
            head(name, brackets),
            text(&pattern, "PATTERN"),
            text(&tokens, "ITERABLE")
        );
        if pattern.is_empty() {
            let fact = format!("task `{name}` has no pattern after `for`");
            self.errors.report(keyword, &fact, &help);
        }
        let iterable = if tokens.is_empty() {
            let fact = format!("task `{name}` has no iterable after `in`");
            self.placeholder(&self.tokens[start - 1].clone(), &fact, &help)
        } else if tokens.len() == place.end - start {
            Code::new(tokens, place.tree)
        } else {
            Code::read(tokens)
        };
        let pattern = if pattern.is_empty() {
            no_pattern()
        } else {
            Pattern::read(&pattern)
        };
        Each {
            span,
            pattern,
            iterable,
        }
    }

    /// `for x in xs: [xs]`: the brackets come first.
    fn brackets_after_for(
        &mut self,
        name: &Ident,
        tokens: &mut Vec<TokenTree>,
        pattern: usize,
        brackets: &mut Brackets,
    ) {
        let [iterable @ .., colon, list] = &tokens[..] else {
            return;
        };
        let list = group(list, Delimiter::Bracket).filter(|_| punct(colon, ':'));
        let Some(list) = list.cloned() else { return };
        let start = self.at - tokens.len();
        let text = |tokens: &[TokenTree]| abbreviate(&code(&tokens.iter().cloned().collect()));
        let help = format!(
            "write `{name}: {list} for {} in {} => …`",
            text(&self.tokens[pattern..start - 1]),
            text(iterable)
        );
        self.errors.report(
            &tokens[iterable.len()..],
            &format!("the dependencies of `{name}` come before its `for`"),
            &help,
        );
        let found = self.list(&list, name);
        brackets.are_there = true;
        brackets.infer |= found.infer;
        brackets.dependencies.extend(found.dependencies);
        tokens.truncate(tokens.len() - 2);
    }

    /// `for x in xs if CONDITION`: a task has one of the two.
    fn condition_after_for(
        &mut self,
        name: &Ident,
        tokens: &mut Vec<TokenTree>,
        pattern: usize,
        brackets: &Brackets,
    ) {
        let is_condition =
            |at: &usize| word(&tokens[*at], "if") && *at > 0 && ends_operand(&tokens[*at - 1]);
        let Some(at) = (0..tokens.len()).find(is_condition) else {
            return;
        };
        let start = self.tokens[..self.at]
            .iter()
            .enumerate()
            .skip(pattern)
            .find(|(_, token)| word(token, "in"))
            .map_or(self.at, |(at, _)| at);
        let text = |tokens: &[TokenTree]| abbreviate(&code(&tokens.iter().cloned().collect()));
        let condition = tokens.split_off(at);
        let parts = [
            text(&condition[1..]),
            text(&self.tokens[pattern..start]),
            text(tokens),
        ];
        self.refuse_both(&condition, name, brackets, parts.each_ref().map(|it| &**it));
        self.lost.extend(condition);
    }

    /// `=> for PATTERN in ITERABLE => …`
    pub(super) fn each_after_arrow(&mut self, head: &str) -> Option<Each> {
        let keyword = self.peek().filter(|token| word(token, "for"))?.clone();
        if self.expression(Expr::parse).is_some() {
            return None;
        }
        let start = self.at;
        self.at += 1;
        let place = self.place_of_for();
        self.at = start;
        let iterable = place.iterable?;
        if place.end == iterable || !operator(&self.tokens, place.end, ['=', '>']) {
            return None;
        }
        let tokens = self.tokens[start..place.end].to_vec();
        self.refuse_late_for(head, &tokens, "…");
        self.at = place.end + 2;
        Some(Each {
            span: keyword.span(),
            pattern: Pattern::read(&self.tokens[place.pattern..iterable - 1]),
            iterable: Code::read(self.tokens[iterable..place.end].to_vec()),
        })
    }

    /// A `for` that stands after a body: `b => f(x) for x in xs`.
    pub(super) fn each_of_body(&mut self, head: &str, body: Code) -> (Option<Each>, Code) {
        let tokens = body.tokens();
        let is_misplaced =
            |at: &usize| word(&tokens[*at], "for") && *at > 0 && ends_operand(&tokens[*at - 1]);
        let Some(at) = (0..tokens.len()).find(is_misplaced) else {
            return (None, body);
        };
        let (before, each) = tokens.split_at(at);
        let Some(keyword) = each.iter().position(|token| word(token, "in")) else {
            return (None, body);
        };
        let (pattern, iterable) = (&each[1..keyword], &each[keyword + 1..]);
        if pattern.is_empty() || iterable.is_empty() {
            return (None, body);
        }
        let text = abbreviate(&code(&before.iter().cloned().collect()));
        self.refuse_late_for(head, each, &text);
        let each = Each {
            span: each[0].span(),
            pattern: Pattern::read(pattern),
            iterable: Code::read(iterable.to_vec()),
        };
        (Some(each), Code::read(before.to_vec()))
    }

    fn refuse_late_for(&mut self, head: &str, each: &[TokenTree], body: &str) {
        let text: TokenStream = each.iter().cloned().collect();
        self.errors.report(
            each,
            "the `for` of a task comes before `=>`",
            &format!("write `{head} {} => {body}`", abbreviate(&code(&text))),
        );
    }

    /// `for PATTERN in ITERABLE …` where a task is expected.
    pub(super) fn refuse_for_without_name(&mut self) {
        let start = self.at;
        self.at += 1;
        let place = self.place_of_for();
        self.at = start;
        let text = |tokens: &[TokenTree]| abbreviate(&code(&tokens.iter().cloned().collect()));
        let (pattern, iterable) = match place.iterable {
            Some(iterable) if iterable < place.end => {
                let mut tokens = self.tokens[iterable..place.end].to_vec();
                if ends_in_block(&tokens) {
                    tokens.pop();
                }
                (
                    text(&self.tokens[place.pattern..iterable - 1]),
                    text(&tokens),
                )
            }
            _ => ("PATTERN".to_owned(), "ITERABLE".to_owned()),
        };
        self.errors.report(
            &self.tokens[start],
            "`for` stands after the name of a task",
            &format!(
                "write `name for {pattern} in {iterable} => …`; a loop goes in the body of a task"
            ),
        );
    }
}

/// A task up to its `=>`, as its user would write it.
fn head_with(head: &str, each: &Each) -> String {
    let iterable: TokenStream = each.iterable.tokens().iter().cloned().collect();
    format!(
        "{head} for {} in {}",
        abbreviate(&code(&each.pattern.tokens)),
        abbreviate(&code(&iterable))
    )
}

fn ends_in_block(tokens: &[TokenTree]) -> bool {
    matches!(tokens, [.., before, block] if ends_operand(before) && group(block, Delimiter::Brace).is_some())
}

fn no_pattern() -> Pattern {
    Pattern::read(&[Ident::new("_", Span::mixed_site()).into()])
}
