#include "partition/io/text/line.hpp"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>

namespace gasket::text {
namespace {

void skip_blanks(const char*& at, const char* end) {
  while (at != end && is_blank(*at)) ++at;
}

// A column may be followed by the end of the line or by a separator and whatever else.
bool column_ends(const char* at, const char* end) { return at == end || is_separator(*at); }

// std::from_chars does not say whether a number out of range is too large or too small.
bool vanishes(std::string_view number) { return std::strtod(std::string(number).c_str(), nullptr) == 0; }

EdgeLine read_arc_line(std::string_view line, Third third) {
  EdgeLine result;
  if (line.size() > kMaxLine) return result;
  line = without_carriage_return(line);
  while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
  if (line.empty() || line == "c" || (line[0] == 'c' && is_blank(line[1]))) {
    result.kind = LineKind::skipped;
    return result;
  }
  if (line[0] != 'a' || line.size() < 2 || !is_blank(line[1])) return result;
  result = read_edge_line(line.substr(2), {.third = third});
  if (result.kind == LineKind::skipped) result.kind = LineKind::bad;
  return result;
}

}  // namespace

bool is_blank_or_comment(std::string_view line) {
  const char* at = line.data();
  const char* const end = at + line.size();
  skip_blanks(at, end);
  return at == end || *at == '#' || *at == '%' || (*at == '/' && end - at > 1 && at[1] == '/');
}

bool is_skipped(std::string_view line) {
  return line.size() <= kMaxLine && is_blank_or_comment(without_carriage_return(line));
}

bool read_id(const char*& at, const char* end, std::uint64_t& id) {
  const auto result = std::from_chars(at, end, id);
  if (at == end || !is_digit(*at) || result.ec != std::errc{}) return false;
  at = result.ptr;
  return true;
}

bool read_separator(const char*& at, const char* end) {
  const char* const begin = at;
  skip_blanks(at, end);
  if (at != end && (*at == ',' || *at == ';')) {
    ++at;
    skip_blanks(at, end);
  }
  return at != begin;
}

bool is_decimal_comma(const char* weight, const char* at, const char* end) {
  if (end - at < 2 || *at != ',' || !is_digit(at[1])) return false;
  do {
    --weight;
  } while (is_blank(*weight));
  return *weight != ',';
}

bool read_weight(const char*& at, const char* end, double& weight) {
  const char* begin = at;
  if (begin != end && *begin == '+' && end - begin > 1 && begin[1] != '-') ++begin;
  const auto [after, failure] = std::from_chars(begin, end, weight);
  if (failure == std::errc::result_out_of_range && vanishes({begin, after}))
    weight = *begin == '-' ? -0.0 : 0.0;
  else if (failure != std::errc{} || !std::isfinite(weight))
    return false;
  at = after;
  return true;
}

EdgeLine read_edge_line(std::string_view line, EdgeGrammar grammar) {
  if (grammar.arcs) return read_arc_line(line, grammar.third);
  EdgeLine result;
  if (line.size() > kMaxLine) return result;
  line = without_carriage_return(line);
  if (is_blank_or_comment(line)) {
    result.kind = LineKind::skipped;
    return result;
  }
  const char* at = line.data();
  const char* const end = at + line.size();
  skip_blanks(at, end);
  if (!read_id(at, end, result.source) || !read_separator(at, end) || !read_id(at, end, result.target)) return result;
  if (grammar.third == Third::weight) {
    if (!read_separator(at, end)) return result;
    const char* const weight = at;
    if (!read_weight(at, end, result.weight) || is_decimal_comma(weight, at, end)) return result;
  }
  if (!column_ends(at, end)) return result;
  if (grammar.third == Third::absent) {
    skip_blanks(at, end);
    if (at != end) return result;
  }
  result.kind = LineKind::good;
  return result;
}

VertexLine read_vertex_line(std::string_view line) {
  VertexLine result;
  if (line.size() > kMaxLine) return result;
  line = without_carriage_return(line);
  if (is_blank_or_comment(line)) {
    result.kind = LineKind::skipped;
    return result;
  }
  const char* at = line.data();
  const char* const end = at + line.size();
  skip_blanks(at, end);
  if (read_id(at, end, result.id) && column_ends(at, end)) result.kind = LineKind::good;
  return result;
}

}  // namespace gasket::text
