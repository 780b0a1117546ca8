#include "partition/io/text/name_parser.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <vector>

#include "partition/io/text/line.hpp"

namespace gasket::text {
namespace {

// The columns of a line, one after the other.
class Columns {
 public:
  Columns(std::string_view line, std::size_t offset)
      : line_(without_carriage_return(line)), offset_(offset), at_(line_.data()), end_(at_ + line_.size()) {
    while (at_ != end_ && is_blank(*at_)) ++at_;
  }

  bool done() const { return at_ == end_; }
  const char* at() const { return at_; }
  const char* end() const { return end_; }
  /// The next column as an id, and steps over the separator behind it.
  std::string_view name(const char* what) {
    std::string_view word = column();
    if (word.empty()) fail(fmt::format("expected {}, found {}", what, shown(line_)));
    if (word.front() == '"') {
      if (word.size() < 3 || word.back() != '"')
        fail(fmt::format("expected {} without separators between its quotes, found {}", what, shown(word)));
      word = word.substr(1, word.size() - 2);
    }
    return word;
  }
  std::string_view column() {
    const char* const begin = at_;
    at_ = std::find_if(at_, end_, is_separator);
    const std::string_view word(begin, static_cast<std::size_t>(at_ - begin));
    const char* const separator = at_;
    read_separator(at_, end_);
    if (commas_ && at_ != end_ && !word.starts_with('"') && std::find_if(separator, at_, is_comma) == at_)
      fail(fmt::format("expected ids without blanks between the commas, found {}", shown(line_)));
    return word;
  }
  /// From here on: in a line with commas (or semicolons) they alone separate; words with blanks between are no two ids.
  void keep_to_commas() { commas_ = std::find_if(at_, end_, is_comma) != end_; }
  [[noreturn]] void fail(std::string message) const { throw BadLine{offset_, std::move(message)}; }

 private:
  static bool is_comma(char c) { return c == ',' || c == ';'; }

  std::string_view line_;
  std::size_t offset_;
  const char* at_;
  const char* end_;
  bool commas_ = false;
};

// Calls visit(columns) for each line of the block that is neither blank nor a comment.
template <class Visit>
void for_each_line(const Block& block, std::size_t longest, const char* expected, const Visit& visit) {
  for (const char* at = block.begin; at != block.end;) {
    const auto* const stop = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(block.end - at)));
    const std::string_view line(at, static_cast<std::size_t>(stop - at));
    const auto offset = static_cast<std::size_t>(at - block.begin);
    at = stop + 1;
    if (is_blank_or_comment(without_carriage_return(line))) continue;
    if (line.size() > longest) throw BadLine{offset, fmt::format("expected a line of at most {} bytes", longest)};
    if (looks_binary(line))
      throw BadLine{
          offset, fmt::format("expected a line of text, found {}: this does not look like {}", shown(line), expected)};
    visit(Columns(line, offset));
  }
}

EdgeChunk chunk_of(const std::vector<std::uint32_t>& pairs, const std::vector<double>& weights) {
  EdgeChunk chunk;
  chunk.narrow = BigArray<std::uint32_t>(std::span<const std::uint32_t>(pairs));
  chunk.weights = BigArray<double>(std::span<const double>(weights));
  return chunk;
}

std::string lower(std::string_view word) {
  std::string result(word);
  std::ranges::transform(result, result.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

}  // namespace

EdgeChunk parse_named_edges(const Block& block, Third third, NameTable& names) {
  std::vector<std::uint32_t> pairs;
  std::vector<double> weights;
  for_each_line(block, kMaxLine, "a text edge list", [&](Columns columns) {
    columns.keep_to_commas();
    pairs.push_back(names.intern(columns.name("a source id")));
    pairs.push_back(names.intern(columns.name("a source id and a target id")));
    if (third == Third::absent && !columns.done())
      columns.fail(fmt::format("expected two ids and no third column, which the first edge has not either, found {}",
                               shown(columns.column())));
    if (third != Third::weight) return;
    const std::string_view word = columns.column();
    const char* at = word.data();
    double weight = 0;
    if (word.empty() || !read_weight(at, word.data() + word.size(), weight) || at != word.data() + word.size())
      columns.fail(fmt::format("expected a weight that is a finite number in the third column, found {}", shown(word)));
    if (is_decimal_comma(word.data(), at, columns.end()))
      columns.fail(describe_decimal_comma({word.data(), static_cast<std::size_t>(columns.end() - word.data())}));
    weights.push_back(weight);
  });
  return chunk_of(pairs, weights);
}

EdgeChunk parse_named_adjacency(const Block& block, NameTable& names) {
  std::vector<std::uint32_t> pairs;
  for_each_line(block, std::size_t{1} << 32, "an adjacency list", [&](Columns columns) {
    std::string_view name = columns.name("a vertex id");
    if (name.size() > 1 && name.back() == ':')
      name.remove_suffix(1);
    else if (!columns.done() && *columns.at() == ':' &&
             (columns.at() + 1 == columns.end() || is_separator(columns.at()[1])))
      columns.column();
    const std::uint32_t source = names.intern(name);
    while (!columns.done()) {
      pairs.push_back(source);
      pairs.push_back(names.intern(columns.name("the id of a neighbour")));
    }
  });
  return chunk_of(pairs, {});
}

bool names_columns(std::string_view line) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kKnown = {
      {{"source", "target"}, {"from", "to"}, {"src", "dst"}, {"src", "dest"}}};
  Columns columns(line, 0);
  const auto next = [&] {
    std::string word = lower(columns.done() ? "" : columns.column());
    std::erase(word, '"');
    return word;
  };
  const std::string first = next(), second = next();
  return std::ranges::any_of(
      kKnown, [&](const auto& known) { return first.starts_with(known.first) && second.starts_with(known.second); });
}

}  // namespace gasket::text
