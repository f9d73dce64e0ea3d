//! Functions by number ([MS-XLS] 2.5.198.17): their names, and for those that always take as many how
//! many arguments.

/// A function of worksheets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Function {
    pub(super) name: &'static str,
    /// Arguments it takes, where the tokens do not say.
    pub(super) arguments: Option<usize>,
}

/// The function that calls something by name: an add-in's, a macro's, one of a later version.
pub(super) const USER_DEFINED: u16 = 255;

/// Functions that Excel 2007 brought. Old files mark them as those of a later version; since then nobody does.
const OF_2007: [&str; 12] = [
    "AVERAGEIF",
    "AVERAGEIFS",
    "COUNTIFS",
    "CUBEKPIMEMBER",
    "CUBEMEMBER",
    "CUBEMEMBERPROPERTY",
    "CUBERANKEDMEMBER",
    "CUBESET",
    "CUBESETCOUNT",
    "CUBEVALUE",
    "IFERROR",
    "SUMIFS",
];

/// The name of a function that is called by its name, as it is written today.
pub(super) fn present_name(name: &str) -> &str {
    let marked = name.strip_prefix("_xlfn.").filter(|name| OF_2007.contains(name));
    marked.unwrap_or(name)
}

/// The function of a number.
pub(super) fn function(number: u16) -> Option<Function> {
    let find = |list: &[(u16, &'static str)]| {
        list.binary_search_by_key(&number, |(known, _)| *known).ok().map(|at| list[at].1)
    };
    for (arguments, list) in FIXED.iter().enumerate() {
        if let Some(name) = find(list) {
            return Some(Function { name, arguments: Some(arguments) });
        }
    }
    find(VARIABLE).map(|name| Function { name, arguments: None })
}

/// Functions that take a fixed number of arguments: none, one, two, three, four.
const FIXED: [&[(u16, &str)]; 5] = [NONE, ONE, TWO, THREE, FOUR];

const NONE: &[(u16, &str)] = &[
    (10, "NA"),
    (19, "PI"),
    (34, "TRUE"),
    (35, "FALSE"),
    (63, "RAND"),
    (74, "NOW"),
    (221, "TODAY"),
];

const ONE: &[(u16, &str)] = &[
    (2, "ISNA"),
    (3, "ISERROR"),
    (15, "SIN"),
    (16, "COS"),
    (17, "TAN"),
    (18, "ATAN"),
    (20, "SQRT"),
    (21, "EXP"),
    (22, "LN"),
    (23, "LOG10"),
    (24, "ABS"),
    (25, "INT"),
    (26, "SIGN"),
    (32, "LEN"),
    (33, "VALUE"),
    (38, "NOT"),
    (67, "DAY"),
    (68, "MONTH"),
    (69, "YEAR"),
    (71, "HOUR"),
    (72, "MINUTE"),
    (73, "SECOND"),
    (75, "AREAS"),
    (76, "ROWS"),
    (77, "COLUMNS"),
    (83, "TRANSPOSE"),
    (86, "TYPE"),
    (98, "ASIN"),
    (99, "ACOS"),
    (105, "ISREF"),
    (111, "CHAR"),
    (112, "LOWER"),
    (113, "UPPER"),
    (114, "PROPER"),
    (118, "TRIM"),
    (121, "CODE"),
    (126, "ISERR"),
    (127, "ISTEXT"),
    (128, "ISNUMBER"),
    (129, "ISBLANK"),
    (130, "T"),
    (131, "N"),
    (140, "DATEVALUE"),
    (141, "TIMEVALUE"),
    (162, "CLEAN"),
    (163, "MDETERM"),
    (164, "MINVERSE"),
    (184, "FACT"),
    (190, "ISNONTEXT"),
    (198, "ISLOGICAL"),
    (211, "LENB"),
    (214, "ASC"),
    (215, "DBCS"),
    (229, "SINH"),
    (230, "COSH"),
    (231, "TANH"),
    (232, "ASINH"),
    (233, "ACOSH"),
    (234, "ATANH"),
    (244, "INFO"),
    (261, "ERROR.TYPE"),
    (271, "GAMMALN"),
    (279, "EVEN"),
    (283, "FISHER"),
    (284, "FISHERINV"),
    (294, "NORMSDIST"),
    (296, "NORMSINV"),
    (298, "ODD"),
    (342, "RADIANS"),
    (343, "DEGREES"),
    (347, "COUNTBLANK"),
    (352, "DATESTRING"),
    (360, "PHONETIC"),
    (368, "BAHTTEXT"),
    (369, "THAIDAYOFWEEK"),
    (370, "THAIDIGIT"),
    (371, "THAIMONTHOFYEAR"),
    (372, "THAINUMSOUND"),
    (373, "THAINUMSTRING"),
    (374, "THAISTRINGLENGTH"),
    (375, "ISTHAIDIGIT"),
    (376, "ROUNDBAHTDOWN"),
    (377, "ROUNDBAHTUP"),
    (378, "THAIYEAR"),
];

const TWO: &[(u16, &str)] = &[
    (27, "ROUND"),
    (30, "REPT"),
    (39, "MOD"),
    (48, "TEXT"),
    (97, "ATAN2"),
    (117, "EXACT"),
    (165, "MMULT"),
    (212, "ROUNDUP"),
    (213, "ROUNDDOWN"),
    (252, "FREQUENCY"),
    (274, "CHIDIST"),
    (275, "CHIINV"),
    (276, "COMBIN"),
    (285, "FLOOR"),
    (288, "CEILING"),
    (299, "PERMUT"),
    (303, "SUMXMY2"),
    (304, "SUMX2MY2"),
    (305, "SUMX2PY2"),
    (306, "CHITEST"),
    (307, "CORREL"),
    (308, "COVAR"),
    (310, "FTEST"),
    (311, "INTERCEPT"),
    (312, "PEARSON"),
    (313, "RSQ"),
    (314, "STEYX"),
    (315, "SLOPE"),
    (325, "LARGE"),
    (326, "SMALL"),
    (327, "QUARTILE"),
    (328, "PERCENTILE"),
    (331, "TRIMMEAN"),
    (332, "TINV"),
    (337, "POWER"),
    (346, "COUNTIF"),
    (353, "NUMBERSTRING"),
    (358, "GETPIVOTDATA"),
];

const THREE: &[(u16, &str)] = &[
    (31, "MID"),
    (40, "DCOUNT"),
    (41, "DSUM"),
    (42, "DAVERAGE"),
    (43, "DMIN"),
    (44, "DMAX"),
    (45, "DSTDEV"),
    (47, "DVAR"),
    (61, "MIRR"),
    (65, "DATE"),
    (66, "TIME"),
    (142, "SLN"),
    (189, "DPRODUCT"),
    (195, "DSTDEVP"),
    (196, "DVARP"),
    (199, "DCOUNTA"),
    (210, "MIDB"),
    (235, "DGET"),
    (277, "CONFIDENCE"),
    (278, "CRITBINOM"),
    (280, "EXPONDIST"),
    (281, "FDIST"),
    (282, "FINV"),
    (287, "GAMMAINV"),
    (290, "LOGNORMDIST"),
    (291, "LOGINV"),
    (292, "NEGBINOMDIST"),
    (295, "NORMINV"),
    (297, "STANDARDIZE"),
    (300, "POISSON"),
    (301, "TDIST"),
    (309, "FORECAST"),
    (351, "DATEDIF"),
];

const FOUR: &[(u16, &str)] = &[
    (92, "SERIESSUM"),
    (119, "REPLACE"),
    (143, "SYD"),
    (207, "REPLACEB"),
    (273, "BINOMDIST"),
    (286, "GAMMADIST"),
    (289, "HYPGEOMDIST"),
    (293, "NORMDIST"),
    (302, "WEIBULL"),
    (316, "TTEST"),
    (350, "ISPMT"),
];

/// Functions whose tokens say how many arguments there are.
const VARIABLE: &[(u16, &str)] = &[
    (0, "COUNT"),
    (1, "IF"),
    (4, "SUM"),
    (5, "AVERAGE"),
    (6, "MIN"),
    (7, "MAX"),
    (8, "ROW"),
    (9, "COLUMN"),
    (11, "NPV"),
    (12, "STDEV"),
    (13, "DOLLAR"),
    (14, "FIXED"),
    (28, "LOOKUP"),
    (29, "INDEX"),
    (36, "AND"),
    (37, "OR"),
    (46, "VAR"),
    (49, "LINEST"),
    (50, "TREND"),
    (51, "LOGEST"),
    (52, "GROWTH"),
    (56, "PV"),
    (57, "FV"),
    (58, "NPER"),
    (59, "PMT"),
    (60, "RATE"),
    (62, "IRR"),
    (64, "MATCH"),
    (70, "WEEKDAY"),
    (78, "OFFSET"),
    (82, "SEARCH"),
    (100, "CHOOSE"),
    (101, "HLOOKUP"),
    (102, "VLOOKUP"),
    (109, "LOG"),
    (115, "LEFT"),
    (116, "RIGHT"),
    (120, "SUBSTITUTE"),
    (124, "FIND"),
    (125, "CELL"),
    (144, "DDB"),
    (148, "INDIRECT"),
    (167, "IPMT"),
    (168, "PPMT"),
    (169, "COUNTA"),
    (183, "PRODUCT"),
    (193, "STDEVP"),
    (194, "VARP"),
    (197, "TRUNC"),
    (204, "USDOLLAR"),
    (205, "FINDB"),
    (206, "SEARCHB"),
    (208, "LEFTB"),
    (209, "RIGHTB"),
    (216, "RANK"),
    (219, "ADDRESS"),
    (220, "DAYS360"),
    (222, "VDB"),
    (227, "MEDIAN"),
    (228, "SUMPRODUCT"),
    (247, "DB"),
    (269, "AVEDEV"),
    (270, "BETADIST"),
    (272, "BETAINV"),
    (317, "PROB"),
    (318, "DEVSQ"),
    (319, "GEOMEAN"),
    (320, "HARMEAN"),
    (321, "SUMSQ"),
    (322, "KURT"),
    (323, "SKEW"),
    (324, "ZTEST"),
    (329, "PERCENTRANK"),
    (330, "MODE"),
    (336, "CONCATENATE"),
    (344, "SUBTOTAL"),
    (345, "SUMIF"),
    (354, "ROMAN"),
    (359, "HYPERLINK"),
    (361, "AVERAGEA"),
    (362, "MAXA"),
    (363, "MINA"),
    (364, "STDEVPA"),
    (365, "VARPA"),
    (366, "STDEVA"),
    (367, "VARA"),
    (379, "RTD"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_found_by_number() {
        for (number, name, arguments) in [
            (4, "SUM", None),
            (19, "PI", Some(0)),
            (48, "TEXT", Some(2)),
            (143, "SYD", Some(4)),
            (346, "COUNTIF", Some(2)),
            (379, "RTD", None),
        ] {
            assert_eq!(function(number), Some(Function { name, arguments }), "{number}");
        }
        assert_eq!([function(53), function(USER_DEFINED), function(9_999)], [None; 3]);
        for list in FIXED.into_iter().chain([VARIABLE]) {
            assert!(list.is_sorted_by_key(|(number, _)| number));
        }
    }
}
