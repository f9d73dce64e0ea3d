//! What failures and losses are called, and what one can do about a failure.

use larkspur_api::{Language, documented};
use larkspur_model::loss::LossKind;
use larkspur_model::task::{Failure, FailureKind};

/// What a failure of a task of `family` is called: by its kind, or by the family's own number where a
/// rehearsal chose one.
pub(super) fn name(language: Language, family: &str, failure: &Failure) -> String {
    let Some(number) = failure.status else { return of_kind(language, failure.kind)[0].to_owned() };
    match status(family, number) {
        Some(status) => format!("{number}: {}", status.meaning),
        None => number.to_string(),
    }
}

/// What to do about it.
pub(super) fn advice(language: Language, failure: &Failure) -> &'static str {
    if failure.status.is_some() {
        return language.pick(
            "It was rehearsed: look at what the client makes of it. Without the rule it would go on.",
            "此失败由演练规则触发，请检查客户端的处理；移除规则后任务可正常执行。",
        );
    }
    of_kind(language, failure.kind)[1]
}

fn status(family: &str, number: i64) -> Option<&'static documented::Status> {
    documented::family(family)?.statuses.iter().find(|status| status.number == number)
}

#[expect(clippy::too_many_lines, reason = "a table, an entry a kind")]
const fn of_kind(language: Language, kind: FailureKind) -> [&'static str; 2] {
    let (english, chinese) = match kind {
        FailureKind::Internal => (
            [
                "Something broke on the server's side",
                "Look into the log by the task's number; then retry.",
            ],
            ["服务器内部错误", "请按任务号查看日志，然后重试。"],
        ),
        FailureKind::TimedOut => (
            [
                "It took longer than allowed",
                "Split the source, or raise the time a conversion may take.",
            ],
            ["处理超时", "请拆分源文件，或调高转换的时间上限。"],
        ),
        FailureKind::Crashed => (
            [
                "It needed more memory than allowed, or its process died",
                "Split the source, or raise the memory a conversion may take.",
            ],
            ["内存超限或处理进程异常退出", "请拆分源文件，或调高转换的内存上限。"],
        ),
        FailureKind::Encrypted => (
            ["The file has a password", "Save it without one and import it again."],
            ["文件已加密", "请去除密码后重新导入。"],
        ),
        FailureKind::Damaged => (
            [
                "The file is corrupt",
                "Open it in the program that made it, save it anew, import that.",
            ],
            ["文件已损坏", "请用原程序打开并另存后重新导入。"],
        ),
        FailureKind::UnsupportedFormat => (
            [
                "This pair of formats is not supported",
                "Choose another target, or convert the file first.",
            ],
            ["不支持该格式组合", "请选择其他目标类型，或先转换文件格式。"],
        ),
        FailureKind::UnsupportedOfficeFormat => (
            [
                "This flavour of Office file is not supported",
                "Save it as docx or xlsx and import that.",
            ],
            ["不支持该 Office 文件格式", "请另存为 docx 或 xlsx 后导入。"],
        ),
        FailureKind::ExtensionMismatch => (
            [
                "The content is not what the extension says",
                "Give file_extension what the file really is.",
            ],
            ["文件内容与扩展名不符", "请将 file_extension 改为文件的真实格式。"],
        ),
        FailureKind::TypeMismatch => (
            [
                "The file cannot become this kind of document",
                "Choose docx for texts, sheet or bitable for tables.",
            ],
            ["该文件无法导入为此类型", "文本请选 docx，表格请选 sheet 或 bitable。"],
        ),
        FailureKind::SourceTooLarge => (
            [
                "The file is larger than allowed",
                "Split it; the limits stand in the platform's import guide.",
            ],
            ["文件超出大小上限", "请拆分文件，上限见平台导入指南。"],
        ),
        FailureKind::SourceExpired => (
            ["The uploaded file has expired", "Upload it again and import it within five minutes."],
            ["已上传的文件已过期", "请重新上传，并在五分钟内导入。"],
        ),
        FailureKind::StorageFull => (
            ["The tenant has no storage left", "Delete something, or give it more."],
            ["租户存储空间不足", "请清理内容或扩容。"],
        ),
        FailureKind::FolderFull => (
            ["The folder holds as many things as it may", "Import into another folder."],
            ["文件夹已达数量上限", "请导入到其他文件夹。"],
        ),
        FailureKind::FolderMissing => (
            ["The folder does not exist", "Look at mount_key; an empty one is the caller's root."],
            ["文件夹不存在", "请检查 mount_key，留空表示根目录。"],
        ),
        FailureKind::FolderDeleted => (
            ["The folder was deleted", "Import into another folder."],
            ["文件夹已删除", "请导入到其他文件夹。"],
        ),
        FailureKind::FolderForbidden => (
            [
                "The caller may not write into the folder",
                "Share the folder with the app or the user.",
            ],
            ["无权写入该文件夹", "请将文件夹共享给该应用或用户。"],
        ),
        FailureKind::Forbidden => (
            ["The caller may not do this", "Share the document with the app or the user."],
            ["没有权限", "请将文档共享给该应用或用户。"],
        ),
        FailureKind::DocumentMissing => (
            ["The document does not exist", "Look at its token and type."],
            ["文档不存在", "请检查 token 与类型。"],
        ),
        FailureKind::DocumentDeleted => {
            (["The document was deleted", "Nothing is left to do."], ["文档已删除", "无需处理。"])
        }
        FailureKind::ResultTooLarge => (
            ["The result would be larger than allowed", "Split the document."],
            ["结果超出大小上限", "请拆分文档。"],
        ),
        FailureKind::TooManyImages => (
            ["The document holds too many pictures", "Split the document."],
            ["图片数量超出上限", "请拆分文档。"],
        ),
        FailureKind::PartForbidden => (
            ["A part may not be exported by the caller", "Share what the document embeds, too."],
            ["部分内容无权导出", "请同时共享文档中嵌入的内容。"],
        ),
        FailureKind::TooManyBlocks => (
            ["The document has too many blocks", "Split the source."],
            ["文档块数量超出上限", "请拆分源文件。"],
        ),
        FailureKind::TooDeep => (
            ["The document nests too deep", "Flatten its lists and tables."],
            ["文档嵌套层级过深", "请减少列表或表格的层级。"],
        ),
        FailureKind::BlockTooLarge => (
            ["One block is larger than allowed", "Split the paragraph or the table."],
            ["单个块超出大小上限", "请拆分该段落或表格。"],
        ),
        FailureKind::InWiki => (
            ["The document is in a wiki already", "Move its node instead."],
            ["文档已在知识库中", "请改为移动其节点。"],
        ),
        FailureKind::AdvancedBase => (
            ["A base with advanced permissions cannot be moved", "Switch them off first."],
            ["开启高级权限的多维表格无法移动", "请先关闭高级权限。"],
        ),
    };
    match language {
        Language::English => english,
        Language::Chinese => chinese,
    }
}

/// What a loss is called.
pub(super) const fn loss(language: Language, kind: LossKind) -> &'static str {
    let (english, chinese) = match kind {
        LossKind::BlocksCut => ("Blocks cut off", "块被截断"),
        LossKind::TableCellsCut => ("Cells of a table cut off", "表格单元格被截断"),
        LossKind::TableColumnsCut => ("Columns of a table cut off", "表格列被截断"),
        LossKind::ParagraphCut => ("Paragraph cut off", "段落被截断"),
        LossKind::ImageFailed => ("Picture not readable", "图片无法读取"),
        LossKind::ImageNotFetched => ("Picture elsewhere, not fetched", "外部图片未获取"),
        LossKind::ColumnsCut => ("Columns cut off", "列被截断"),
        LossKind::CellsCut => ("Cells cut off", "单元格被截断"),
        LossKind::SheetsCut => ("Sheets left out", "工作表被忽略"),
        LossKind::ImagesCut => ("Pictures left out", "图片被忽略"),
        LossKind::CellTextCut => ("Text of a cell cut off", "单元格文本被截断"),
        LossKind::StorageFull => ("No storage left for a part", "存储空间不足"),
        LossKind::ImageBelowData => ("Picture below the data left out", "数据下方的图片被忽略"),
        LossKind::ImageRightOfData => {
            ("Picture right of the data left out", "数据右侧的图片被忽略")
        }
        LossKind::TextReplaced => ("Bytes that are no text replaced", "无法解码的字节被替换"),
        LossKind::FormattingDropped => ("Formatting left out", "格式被忽略"),
        LossKind::FeatureDropped => ("Feature left out", "功能被忽略"),
        LossKind::ValueChanged => ("Value kept as another kind", "值的类型已改变"),
        LossKind::FontMissing => ("No font has these characters", "缺少字体"),
        LossKind::PartDamaged => ("A damaged part left out", "损坏的部分被忽略"),
    };
    language.pick(english, chinese)
}
