#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace curlew {

/// How much of a label's value is kept: what is longer is cut, so that no name of a client's or a model's fills the
/// text.
inline constexpr std::size_t kMaxLabelBytes = 128;

/// A number as Prometheus reads it: the shortest text that reads back the same, NaN, +Inf, -Inf.
std::string metric_number(double value);

/// `help` as it may stand in a HELP line.
std::string escaped_help(std::string_view help);

/// `value` as it may stand between a label's quotes.
///
/// Shape:  any bytes: one Prometheus would refuse the whole text for what is not UTF-8, so such bytes become '?'.
/// Source: the text format 0.0.4 of Prometheus.
std::string escaped_label_value(std::string_view value);

}  // namespace curlew
