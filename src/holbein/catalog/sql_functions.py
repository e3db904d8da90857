"""The functions that the query of a tag may call: none reads a file, a setting or a clock."""

from __future__ import annotations

from collections.abc import Mapping

GROUPS: Mapping[str, str] = {
    "aggregates": """
        any_value approx_count_distinct approx_quantile arbitrary arg_max arg_max_null arg_min
        arg_min_null argmax argmin array_agg avg bit_and bit_or bit_xor bool_and bool_or corr count
        count_if count_star countif covar_pop covar_samp entropy favg first fsum group_concat
        histogram kahan_sum kurtosis kurtosis_pop last list listagg logical_and logical_or mad max
        max_by mean median min min_by mode percentile_cont percentile_disc product quantile
        quantile_cont quantile_disc regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope
        regr_sxx regr_sxy regr_syy sem skewness std stddev stddev_pop stddev_samp string_agg sum
        sumkahan var_pop var_samp variance
    """,
    "windows": """
        cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank
        row_number
    """,
    "missing values and choices": "coalesce greatest if ifnull iff least nullif try",
    "numbers": """
        abs acos asin atan atan2 cbrt ceil ceiling cos cot degrees even exp floor gcd isfinite isinf
        isnan lcm ln log log10 log2 mod pi pow power radians round sign signbit sin sqrt tan trunc
    """,
    "texts": """
        ascii bit_length char_length character_length chr concat concat_ws contains ends_with format
        hash instr jaccard jaro_similarity jaro_winkler_similarity left length levenshtein
        like_escape lower lpad ltrim md5 nfc_normalize ord position prefix regexp_extract
        regexp_extract_all regexp_full_match regexp_matches regexp_replace regexp_split_to_array
        repeat replace reverse right rpad rtrim sha256 split split_part starts_with str_split
        string_split string_to_array strip_accents strlen strpos substr substring suffix translate
        trim unicode upper
    """,
    "dates and times": """
        as_of as_of_day century date date_add date_diff date_part date_sub date_trunc datediff
        datepart datesub datetrunc day dayname dayofmonth dayofweek dayofyear decade epoch epoch_ms
        epoch_us extract hour isodow isoyear last_day make_date make_timestamp microsecond
        millisecond minute month monthname quarter second strftime strptime time_bucket to_days
        to_hours to_milliseconds to_minutes to_months to_seconds to_weeks to_years try_strptime week
        weekday weekofyear year yearweek
    """,
    "lists and structs": """
        array_contains array_has array_has_all array_has_any array_length cardinality flatten
        generate_series len list_aggregate list_append list_avg list_concat list_contains list_count
        list_distinct list_filter list_has list_has_all list_has_any list_max list_median list_min
        list_mode list_position list_reverse list_slice list_sort list_sum list_transform
        list_unique list_value range row struct_extract struct_pack unnest
    """,
}
FUNCTIONS = frozenset(name for names in GROUPS.values() for name in names.split())
