//! Instructions for a run of many concurrent tasks, each woken by an event of its own, and the number of polls of tasks:
//! `count.sh wide`.
//!
//! The graph is polled after each event, as by a runtime. `hand` is `futures::try_join!`, which polls all its futures at
//! each wake. `in sequence` awaits one task after the other: what the events and the tasks cost without a join.

#![allow(missing_docs)]

use std::cell::Cell;
use std::future::poll_fn;
use std::hint::black_box;
use std::pin::pin;

use conjoin::auto;
use counted::{Counts, Event, looped, run_with_events};
use futures::try_join;

#[derive(Debug)]
struct Error;

async fn wait(event: &Event) -> Result<u64, Error> {
    let mut event = pin!(event.wait());
    poll_fn(|cx| {
        POLLS.set(POLLS.get() + 1);
        event.as_mut().poll(cx)
    })
    .await;
    black_box(Ok(1))
}

thread_local! {
    static POLLS: Cell<usize> = const { Cell::new(0) };
}

/// `cases` has a run of each width.
macro_rules! widths {
    ($($hand:ident $auto:ident $sequence:ident: $count:literal $($task:ident)*;)*) => {
        const WIDTHS: &[usize] = &[$($count),*];

        fn cases(counts: &mut Counts<String>) {
            $(
                counts.add(stringify!($hand).into(), looped(|| {
                    let events: [Event; $count] = std::array::from_fn(|_| Event::default());
                    let mut next = events.iter();
                    $(let $task = next.next().expect("an event");)*
                    let graph = pin!(async { try_join!($(wait($task)),*) });
                    assert!(run_with_events(&events, 1, graph).is_ok());
                }));
                counts.add(stringify!($auto).into(), looped(|| {
                    let events: [Event; $count] = std::array::from_fn(|_| Event::default());
                    let mut next = events.iter();
                    $(let $task = next.next().expect("an event");)*
                    let graph = pin!(auto! { $($task => wait($task).await?,)* });
                    assert!(run_with_events(&events, 1, graph).is_ok());
                }));
                counts.add(stringify!($sequence).into(), looped(|| {
                    let events: [Event; $count] = std::array::from_fn(|_| Event::default());
                    let series = pin!(async {
                        for event in &events {
                            black_box(wait(event).await?);
                        }
                        Ok::<_, Error>(())
                    });
                    assert!(run_with_events(&events, 1, series).is_ok());
                }));
            )*
        }
    };
}

widths! {
    hand_4 auto_4 sequence_4: 4
        t0 t1 t2 t3;
    hand_6 auto_6 sequence_6: 6
        t0 t1 t2 t3 t4 t5;
    hand_8 auto_8 sequence_8: 8
        t0 t1 t2 t3 t4 t5 t6 t7;
    hand_12 auto_12 sequence_12: 12
        t0 t1 t2 t3 t4 t5 t6 t7 t8 t9 t10 t11;
    hand_16 auto_16 sequence_16: 16
        t0 t1 t2 t3 t4 t5 t6 t7 t8 t9 t10 t11 t12 t13 t14 t15;
    hand_32 auto_32 sequence_32: 32
        t0 t1 t2 t3 t4 t5 t6 t7 t8 t9 t10 t11 t12 t13 t14 t15 t16 t17 t18 t19 t20 t21 t22 t23 t24 t25 t26
        t27 t28 t29 t30 t31;
    hand_64 auto_64 sequence_64: 64
        t0 t1 t2 t3 t4 t5 t6 t7 t8 t9 t10 t11 t12 t13 t14 t15 t16 t17 t18 t19 t20 t21 t22 t23 t24 t25 t26
        t27 t28 t29 t30 t31 t32 t33 t34 t35 t36 t37 t38 t39 t40 t41 t42 t43 t44 t45 t46 t47 t48 t49 t50 t51
        t52 t53 t54 t55 t56 t57 t58 t59 t60 t61 t62 t63;
    hand_256 auto_256 sequence_256: 256
        t0 t1 t2 t3 t4 t5 t6 t7 t8 t9 t10 t11 t12 t13 t14 t15 t16 t17 t18 t19 t20 t21 t22 t23 t24 t25 t26
        t27 t28 t29 t30 t31 t32 t33 t34 t35 t36 t37 t38 t39 t40 t41 t42 t43 t44 t45 t46 t47 t48 t49 t50 t51
        t52 t53 t54 t55 t56 t57 t58 t59 t60 t61 t62 t63 t64 t65 t66 t67 t68 t69 t70 t71 t72 t73 t74 t75 t76
        t77 t78 t79 t80 t81 t82 t83 t84 t85 t86 t87 t88 t89 t90 t91 t92 t93 t94 t95 t96 t97 t98 t99 t100
        t101 t102 t103 t104 t105 t106 t107 t108 t109 t110 t111 t112 t113 t114 t115 t116 t117 t118 t119 t120
        t121 t122 t123 t124 t125 t126 t127 t128 t129 t130 t131 t132 t133 t134 t135 t136 t137 t138 t139 t140
        t141 t142 t143 t144 t145 t146 t147 t148 t149 t150 t151 t152 t153 t154 t155 t156 t157 t158 t159 t160
        t161 t162 t163 t164 t165 t166 t167 t168 t169 t170 t171 t172 t173 t174 t175 t176 t177 t178 t179 t180
        t181 t182 t183 t184 t185 t186 t187 t188 t189 t190 t191 t192 t193 t194 t195 t196 t197 t198 t199 t200
        t201 t202 t203 t204 t205 t206 t207 t208 t209 t210 t211 t212 t213 t214 t215 t216 t217 t218 t219 t220
        t221 t222 t223 t224 t225 t226 t227 t228 t229 t230 t231 t232 t233 t234 t235 t236 t237 t238 t239 t240
        t241 t242 t243 t244 t245 t246 t247 t248 t249 t250 t251 t252 t253 t254 t255;
}

fn main() {
    let mut counts = Counts::default();
    cases(&mut counts);
    let polls = |case: String| {
        let before = POLLS.get();
        counts.run(&case);
        POLLS.get() - before
    };
    let polls: Vec<_> = WIDTHS
        .iter()
        .map(|width| ["hand", "auto"].map(|way| polls(format!("{way}_{width}"))))
        .collect();
    let counts = counts.count();
    println!(
        "| width | by hand | `auto!` | ratio | in sequence | ratio | polls, by hand | polls, `auto!` |"
    );
    println!("| --- | --: | --: | --: | --: | --: | --: | --: |");
    for (width, [hand_polls, auto_polls]) in WIDTHS.iter().zip(polls) {
        let of = |way| counts[&format!("{way}_{width}")];
        let (hand, auto, sequence) = (of("hand"), of("auto"), of("sequence"));
        let (ratio, floor) = (auto / hand, sequence / hand);
        println!(
            "| {width} | {hand:.0} | {auto:.0} | {ratio:.3} | {sequence:.0} | {floor:.3} | {hand_polls} | {auto_polls} |"
        );
    }
}
