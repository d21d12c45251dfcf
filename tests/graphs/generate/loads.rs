//! Graphs whose tasks load from a batch: their calls are counted.

use crate::random::Random;
use crate::shapes::Needs;

/// The test of one graph. Tasks are declared in any order.
pub(crate) fn to_test(
    name: &str,
    needs: &Needs,
    limit: Option<usize>,
    random: &mut Random,
) -> String {
    let mut declared: Vec<usize> = (0..needs.len()).collect();
    random.shuffle(&mut declared);
    let tasks = declared.iter().map(|&task| {
        let entries: Vec<_> = needs[task]
            .iter()
            .map(|need| format!("t{need} as _"))
            .collect();
        let body = match random.below(3) {
            0 => format!("batch.load({task}).await?"),
            1 => format!("{{ let value = batch.load({task}).await?; value + 1 }}"),
            _ => format!("batch.load_many([{task}, {task}]).await.remove(0)?"),
        };
        format!("            t{task}: [{}] => {body},\n", entries.join(", "))
    });
    let tasks: String = tasks.collect();
    let option = limit.map_or(String::new(), |limit| {
        format!("            #![limit({limit})]\n")
    });
    format!(
        "#[test]
fn {name}() {{
    const NEEDS: &[&[usize]] = &{needs:?};
    async fn graph(batch: &Numbers) -> Result<(), BatchError> {{
        conjoin::auto! {{
{option}{tasks}            => ()
        }}.await
    }}
    check({name:?}, NEEDS, {limit:?}, |batch| Box::pin(async move {{ graph(&batch).await }}));
}}

"
    )
    .replace("= &[[", "= &[&[")
    .replace("], [", "], &[")
}
