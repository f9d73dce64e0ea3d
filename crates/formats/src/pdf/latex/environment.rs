//! Environments of a formula: matrices, cases, aligned lines.

use super::{Parser, Stop};

/// Lines of the outermost level, aligned at their marks.
pub(super) fn lines(rows: &[Vec<String>]) -> String {
    rows.iter().map(|cells| cells.join(" & ")).collect::<Vec<_>>().join(" \\\n ")
}

/// Lines inside something else: a matrix without delimiters if there is more than one.
pub(super) fn nested(rows: &[Vec<String>]) -> String {
    match rows {
        [row] => row.join(" "),
        _ => format!("mat(delim: #none, align: #left, {})", cells(rows)),
    }
}

fn cells(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let filled = |row: &Vec<String>| {
        (0..columns)
            .map(|column| match row.get(column) {
                Some(cell) if !cell.is_empty() => cell.clone(),
                _ => "#\"\"".to_owned(),
            })
            .collect::<Vec<_>>()
            .join(", ")
    };
    rows.iter().map(filled).collect::<Vec<_>>().join("; ")
}

impl Parser<'_> {
    /// What stands between `\begin{..}` and `\end{..}`, after the `\begin`.
    pub(super) fn environment(&mut self) -> Result<String, String> {
        let outermost = self.depth <= 1;
        let name = self.raw_argument()?;
        let kind = name.trim_end_matches('*');
        let mut align = "center";
        if matches!(kind, "array" | "alignedat" | "alignat" | "tabular") {
            let columns = self.raw_argument()?;
            align = match columns.chars().find(|c| "lcr".contains(*c)) {
                Some('l') => "left",
                Some('r') => "right",
                _ => "center",
            };
        } else if kind.ends_with("matrix") || kind == "aligned" {
            self.optional()?;
        }
        let rows = self.deeper(|parser| parser.rows(&[Stop::End]))?;
        if !self.eat_command("end") {
            return Err(format!("\\begin{{{name}}} is not ended"));
        }
        if self.raw_argument()? != name {
            return Err(format!("\\begin{{{name}}} is ended by another name"));
        }
        let matrix = |delimiters: &str| Ok(format!("mat(delim: #{delimiters}, {})", cells(&rows)));
        match kind {
            "matrix" | "smallmatrix" => matrix("none"),
            "pmatrix" => matrix("(\"(\", \")\")"),
            "bmatrix" => matrix("(\"[\", \"]\")"),
            "Bmatrix" => matrix("(\"{\", \"}\")"),
            "vmatrix" => matrix("(\"|\", \"|\")"),
            "Vmatrix" => matrix("(\"‖\", \"‖\")"),
            "array" | "tabular" => {
                Ok(format!("mat(delim: #none, align: #{align}, {})", cells(&rows)))
            }
            "cases" | "dcases" | "rcases" => {
                let lines: Vec<String> = rows
                    .iter()
                    .map(|row| {
                        if row.iter().all(String::is_empty) {
                            "#\"\"".to_owned()
                        } else {
                            row.join(" & quad ")
                        }
                    })
                    .collect();
                let reverse = kind == "rcases";
                Ok(format!("cases(reverse: #{reverse}, {})", lines.join(", ")))
            }
            "aligned" | "align" | "alignedat" | "alignat" | "split" | "eqnarray" | "gathered"
            | "gather" | "equation" | "multline" | "displaymath" => {
                Ok(if outermost && self.rest.trim().is_empty() {
                    lines(&rows)
                } else {
                    nested(&rows)
                })
            }
            _ => Err(format!("the environment {name} is not known")),
        }
    }
}
