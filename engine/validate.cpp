#include "engine/validate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>
#include <string_view>
#include <utility>
#include <vector>

#include "partition/error.hpp"
#include "partition/graph/name_table.hpp"
#include "partition/io/line_reader.hpp"
#include "partition/io/text/bad_line.hpp"

namespace gasket {
namespace {

constexpr std::size_t kShown = 10;

// The value is an integer of 64 bits, or for the epsilon rule the bits of a double.
struct Record {
  ExternalId id;
  std::uint64_t value;
};

struct Results {
  std::string path;
  std::vector<Record> records;  // ascending by id
  bool negative = false;        // some integer is less than 0
  bool beyond = false;          // some integer is more than 2^63 - 1
};

std::string_view next_word(std::string_view& line) {
  const auto separates = [](char c) { return c == ' ' || c == '\t' || c == ','; };
  const auto begin = std::ranges::find_if_not(line, separates);
  const auto end = std::find_if(begin, line.end(), separates);
  const std::string_view word(begin, end);
  line = {end, line.end()};
  return word;
}

template <class T>
bool read_whole(std::string_view text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

bool read_value(std::string_view text, Rule rule, Results& results, std::uint64_t& value) {
  if (rule == Rule::epsilon) {
    double real = 0;  // reads inf, infinity and nan as well
    if (!read_whole(text, real)) return false;
    value = std::bit_cast<std::uint64_t>(real);
    return true;
  }
  if (read_whole(text, value)) {
    results.beyond |= value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    return true;
  }
  std::int64_t below = 0;
  if (!read_whole(text, below)) return false;
  results.negative = true;
  value = static_cast<std::uint64_t>(below);
  return true;
}

[[noreturn]] void refuse_line(const LineReader& reader, Rule rule, std::string_view line) {
  reader.fail(fmt::format("expected a vertex id and {}, found {}", rule == Rule::epsilon ? "a number" : "an integer",
                          text::shown(line)));
}

// Reads the next line with a vertex; false at the end.
bool read_record(LineReader& reader, Rule rule, Results& results, Record& record) {
  std::string_view line;
  while (reader.next(line)) {
    std::string_view rest = line;
    const std::string_view id = next_word(rest), value = next_word(rest);
    if (id.empty() || id.starts_with('#')) continue;
    if (!read_whole(id, record.id) || !read_value(value, rule, results, record.value) || !next_word(rest).empty())
      refuse_line(reader, rule, line);
    return true;
  }
  return false;
}

// Takes the last word off the line, and the separators around what is left.
std::string_view last_word(std::string_view& line) {
  constexpr std::string_view kSeparators = " \t,";
  const auto trim = [&] { line = line.substr(0, line.find_last_not_of(kSeparators) + 1); };
  trim();
  const std::string_view word = line.substr(line.find_last_of(kSeparators) + 1);
  line.remove_suffix(word.size());
  trim();
  line.remove_prefix(std::min(line.find_first_not_of(kSeparators), line.size()));
  return word;
}

// The same where vertices are called by strings; ids are the table's numbers, and so are labels of classes, which may be
// any word: components are called by a vertex.
bool read_named(LineReader& reader, Rule rule, NameTable& names, NameTable& labels, Results& results, Record& record) {
  std::string_view line;
  while (reader.next(line)) {
    std::string_view name = line;
    const std::string_view value = last_word(name);
    if (value.empty()) continue;
    if (name.empty()) refuse_line(reader, rule, line);
    if (rule == Rule::equivalence)
      record.value = labels.intern(value);
    else if (!read_value(value, rule, results, record.value))
      refuse_line(reader, rule, line);
    record.id = names.intern(name);
    return true;
  }
  return false;
}

// The strings of both files, and then all of them in order.
class Names {
 public:
  NameTable& table() { return table_; }
  void sort() {
    table_.for_each([&](std::uint32_t number, std::string_view name) { sorted_.push_back({name, number}); });
    std::ranges::sort(sorted_);
    positions_.resize(table_.numbers());
    for (std::size_t i = 0; i < sorted_.size(); ++i) positions_[sorted_[i].second] = static_cast<std::uint32_t>(i);
  }
  /// From the table's numbers to positions.
  void order(std::vector<Record>& records) const {
    for (Record& record : records) record.id = positions_[record.id];
    std::ranges::sort(records, {}, &Record::id);
  }
  std::string operator[](std::size_t position) const { return std::string(sorted_[position].first); }

 private:
  NameTable table_;
  std::vector<std::pair<std::string_view, std::uint32_t>> sorted_;
  std::vector<std::uint32_t> positions_;
};

// Says where a vertex is named for the second time.
template <class Read>
[[noreturn]] void fail_repeated(const Results& results, ExternalId id, const std::string& name, const Read& read) {
  LineReader reader(results.path, "a result file");
  Results ignored;
  Record record{};
  std::uint64_t first = 0;
  while (read(reader, ignored, record)) {
    if (record.id != id) continue;
    if (first != 0) reader.fail(fmt::format("vertex {} is named again, after line {}", name, first));
    first = reader.line_number();
  }
  throw InputError(fmt::format("{}: names vertex {} twice", results.path, name));
}

// read(reader, results, record) reads the next line; text(id) is what the vertex is called.
template <class Read, class Text>
Results read_results(const std::string& path, const Read& read, const Text& text) {
  Results results;
  results.path = path;
  LineReader reader(path, "a result file");
  Record record{};
  while (read(reader, results, record)) results.records.push_back(record);
  if (results.records.empty()) throw InputError(fmt::format("{}: holds no results", path));
  if (!std::ranges::is_sorted(results.records, {}, &Record::id)) std::ranges::sort(results.records, {}, &Record::id);
  const auto twice = std::ranges::adjacent_find(results.records, {}, &Record::id);
  if (twice != results.records.end()) fail_repeated(results, twice->id, text(twice->id), read);
  return results;
}

// In 64 bits, -1 and 2^64-1 are the same.
void check_comparable(const Results& one, const Results& other) {
  if (one.negative && (one.beyond || other.beyond))
    throw InputError(fmt::format("{}: has values less than 0, and {} has values over 2^63-1: they cannot be compared",
                                 one.path, one.beyond ? "also" : other.path));
}

// Gives each vertex the index of the first vertex with the same value: two labellings name the same classes exactly
// when this is the same everywhere.
void name_classes(std::vector<Record>& records) {
  std::vector<std::uint64_t> order(records.size());
  std::iota(order.begin(), order.end(), std::uint64_t{0});
  std::ranges::sort(order, [&](std::uint64_t a, std::uint64_t b) {
    return records[a].value != records[b].value ? records[a].value < records[b].value : a < b;
  });
  std::uint64_t label = 0, first = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    std::uint64_t& value = records[order[i]].value;
    if (i == 0 || value != label) {
      label = value;
      first = records[order[i]].id;
    }
    value = first;
  }
}

bool within(double expected, double actual, double epsilon) {
  if (std::isinf(expected) || std::isinf(actual)) return expected == actual;
  return std::abs(expected - actual) <= epsilon * std::abs(expected);
}

bool same(const Record& expected, const Record& actual, Rule rule, double epsilon) {
  if (rule != Rule::epsilon) return expected.value == actual.value;
  return within(std::bit_cast<double>(expected.value), std::bit_cast<double>(actual.value), epsilon);
}

template <class Text>
std::string text_of(const Record& record, Rule rule, bool negative, const Text& id_text) {
  switch (rule) {
    case Rule::epsilon:
      return fmt::format("{}", std::bit_cast<double>(record.value));
    case Rule::equivalence:
      return fmt::format("the class of vertex {}", id_text(record.value));
    case Rule::exact:
      break;
  }
  return negative ? fmt::format("{}", static_cast<std::int64_t>(record.value)) : fmt::format("{}", record.value);
}

template <class Text>
ValidationResult compare(Results expected, Results actual, Rule rule, double epsilon, const Text& id_text) {
  check_comparable(expected, actual);
  check_comparable(actual, expected);
  if (rule == Rule::equivalence) {
    name_classes(expected.records);
    name_classes(actual.records);
  }
  ValidationResult result;
  const auto differ = [&](const Record* left, const Record* right) {
    ++result.differing;
    if (result.first.size() == kShown) return;
    const auto text = [&](const Record* record, bool negative) {
      return record == nullptr ? "nothing" : text_of(*record, rule, negative, id_text);
    };
    const ExternalId id = (left != nullptr ? left : right)->id;
    result.first.push_back({id, text(left, expected.negative), text(right, actual.negative), id_text(id)});
  };
  auto e = expected.records.begin(), a = actual.records.begin();
  while (e != expected.records.end() || a != actual.records.end()) {
    if (a == actual.records.end() || (e != expected.records.end() && e->id < a->id)) {
      differ(&*e++, nullptr);
    } else if (e == expected.records.end() || a->id < e->id) {
      differ(nullptr, &*a++);
    } else {
      ++result.compared;
      if (!same(*e, *a, rule, epsilon)) differ(&*e, &*a);
      ++e;
      ++a;
    }
  }
  return result;
}

}  // namespace

ValidationResult validate_results(const std::string& expected_path, const std::string& actual_path, Rule rule,
                                  double epsilon, IdKind ids) {
  if (ids == IdKind::number) {
    const auto text = [](ExternalId id) { return fmt::format("{}", id); };
    const auto read = [&](LineReader& reader, Results& results, Record& record) {
      return read_record(reader, rule, results, record);
    };
    Results expected = read_results(expected_path, read, text), actual = read_results(actual_path, read, text);
    return compare(std::move(expected), std::move(actual), rule, epsilon, text);
  }
  Names names;
  NameTable labels;
  const auto read = [&](LineReader& reader, Results& results, Record& record) {
    return read_named(reader, rule, names.table(), labels, results, record);
  };
  const auto text_of_number = [&](ExternalId number) {
    std::string text;
    names.table().for_each([&](std::uint32_t i, std::string_view name) {
      if (i == number) text = name;
    });
    return text;
  };
  Results expected = read_results(expected_path, read, text_of_number),
          actual = read_results(actual_path, read, text_of_number);
  names.sort();
  names.order(expected.records);
  names.order(actual.records);
  return compare(std::move(expected), std::move(actual), rule, epsilon, [&](ExternalId id) { return names[id]; });
}

}  // namespace gasket
