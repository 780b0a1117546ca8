#include "partition/io/text/bad_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "partition/io/text/line.hpp"

namespace gasket::text {
namespace {

constexpr std::size_t kQuoted = 40;
constexpr std::size_t kInspected = 4096;

// The column that begins at `at`.
std::string_view column(const char* at, const char* end) {
  return {at, static_cast<std::size_t>(std::find_if(at, end, is_separator) - at)};
}

std::string_view trimmed(std::string_view line) {
  while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
  while (!line.empty() && (is_blank(line.back()) || line.back() == '\r')) line.remove_suffix(1);
  return line;
}

// A word, and not a number that went wrong.
bool is_word(std::string_view text) {
  const char first = text.front();
  return first < 0 || first == '_' || first == '"' || std::isalpha(first) != 0;
}

std::string describe_bad_id(std::string_view found, std::string_view which) {
  if (found.empty()) return fmt::format("expected a {} id, found an empty column", which);
  const auto only_digits = [](std::string_view text) { return std::all_of(text.begin(), text.end(), is_digit); };
  if (only_digits(found))
    return fmt::format("expected a {} id of at most 18446744073709551615, found {}", which, shown(found));
  if (found.front() == '-' && found.size() > 1 && only_digits(found.substr(1)))
    return fmt::format("expected a {} id, which is unsigned, found {}", which, shown(found));
  return fmt::format("expected a {} id of digits only, found {}{}", which, shown(found),
                     which != "vertex" && is_word(found) ? "; --ids string takes any words as ids" : "");
}

// What is wrong with the line as a whole; empty when the fault is in a column.
std::string describe_bad_whole(std::string_view line, std::string_view expected) {
  if (looks_binary(line))
    return fmt::format("expected a line of text, found {}: this does not look like {}", shown(line), expected);
  if (line.size() > kMaxLine)
    return fmt::format("expected a line of at most {} bytes, found a longer one that begins {}", kMaxLine, shown(line));
  return {};
}

}  // namespace

std::string shown(std::string_view text) {
  std::string result = "'";
  std::size_t taken = 0;
  for (; taken < text.size() && result.size() <= kQuoted; ++taken) {
    const char c = text[taken];
    if (c >= ' ' && c <= '~')
      result += c;
    else if (c == '\t')
      result += "\\t";
    else
      result += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  }
  result += taken < text.size() ? "'..." : "'";
  return result;
}

bool looks_binary(std::string_view line) {
  line = without_carriage_return(line).substr(0, kInspected);
  return std::any_of(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) < ' ' && c != '\t' && c != '\r' && c != '\f' && c != '\v') || c == '\x7f';
  });
}

std::string describe_bad_edge(std::string_view line, EdgeGrammar grammar) {
  if (std::string whole = describe_bad_whole(line, "a text edge list"); !whole.empty()) return whole;
  line = trimmed(line);
  if (grammar.arcs) {
    if (line.empty() || line[0] != 'a' || line.size() < 2 || !is_blank(line[1]))
      return fmt::format("expected an arc (a SOURCE TARGET WEIGHT) or a comment (c ...), found {}", shown(line));
    line = trimmed(line.substr(1));
  }
  const char* at = line.data();
  const char* const end = at + line.size();
  std::uint64_t id = 0;
  double weight = 0;

  const std::string_view source = column(at, end);
  if (!read_id(at, end, id) || at != source.data() + source.size()) return describe_bad_id(source, "source");
  if (!read_separator(at, end) || at == end)
    return fmt::format("expected two ids, source and target, found {}", shown(line));
  const std::string_view target = column(at, end);
  if (!read_id(at, end, id) || at != target.data() + target.size()) return describe_bad_id(target, "target");
  if (grammar.third == Third::absent)
    return fmt::format("expected two ids and no third column, which the first edge has not either, found {}",
                       shown(line));
  if (grammar.third == Third::ignored) return fmt::format("expected two ids, source and target, found {}", shown(line));
  if (!read_separator(at, end) || at == end)
    return fmt::format("expected a weight in the third column, found {}", shown(line));
  const std::string_view third = column(at, end);
  if (third.empty()) return fmt::format("expected a weight in the third column, found {}", shown(line));
  if (read_weight(at, end, weight) && at != third.data() + third.size())
    return fmt::format("expected a weight that is a number, found {}", shown(third));
  if (is_decimal_comma(third.data(), at, end))
    return describe_decimal_comma({third.data(), static_cast<std::size_t>(end - third.data())});
  return fmt::format("expected a weight that is a finite number, found {}", shown(third));
}

std::string describe_bad_vertex(std::string_view line) {
  if (std::string whole = describe_bad_whole(line, "a list of vertex ids"); !whole.empty()) return whole;
  line = trimmed(line);
  return describe_bad_id(column(line.data(), line.data() + line.size()), "vertex");
}

std::string describe_decimal_comma(std::string_view weight) {
  return fmt::format("expected a weight with a decimal point, found {}", shown(weight));
}

std::string describe_negative_weight(double weight) {
  return fmt::format("expected a weight of 0 or more, found {}", weight);
}

}  // namespace gasket::text
