#include "engine/validate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>
#include <string_view>

#include "partition/error.hpp"
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

// Reads the next line with a vertex; false at the end.
bool read_record(LineReader& reader, Rule rule, Results& results, Record& record) {
  std::string_view line;
  while (reader.next(line)) {
    std::string_view rest = line;
    const std::string_view id = next_word(rest), value = next_word(rest);
    if (id.empty() || id.starts_with('#')) continue;
    if (!read_whole(id, record.id) || !read_value(value, rule, results, record.value) || !next_word(rest).empty())
      reader.fail(fmt::format("expected a vertex id and {}, found {}",
                              rule == Rule::epsilon ? "a number" : "an integer", text::shown(line)));
    return true;
  }
  return false;
}

// Says where a vertex is named for the second time.
[[noreturn]] void fail_repeated(const Results& results, ExternalId id, Rule rule) {
  LineReader reader(results.path, "a result file");
  Results ignored;
  Record record{};
  std::uint64_t first = 0;
  while (read_record(reader, rule, ignored, record)) {
    if (record.id != id) continue;
    if (first != 0) reader.fail(fmt::format("vertex {} is named again, after line {}", id, first));
    first = reader.line_number();
  }
  throw InputError(fmt::format("{}: names vertex {} twice", results.path, id));
}

Results read_results(const std::string& path, Rule rule) {
  Results results;
  results.path = path;
  LineReader reader(path, "a result file");
  Record record{};
  while (read_record(reader, rule, results, record)) results.records.push_back(record);
  if (results.records.empty()) throw InputError(fmt::format("{}: holds no results", path));
  if (!std::ranges::is_sorted(results.records, {}, &Record::id)) std::ranges::sort(results.records, {}, &Record::id);
  const auto twice = std::ranges::adjacent_find(results.records, {}, &Record::id);
  if (twice != results.records.end()) fail_repeated(results, twice->id, rule);
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

std::string text_of(const Record& record, Rule rule, bool negative) {
  switch (rule) {
    case Rule::epsilon:
      return fmt::format("{}", std::bit_cast<double>(record.value));
    case Rule::equivalence:
      return fmt::format("the class of vertex {}", record.value);
    case Rule::exact:
      break;
  }
  return negative ? fmt::format("{}", static_cast<std::int64_t>(record.value)) : fmt::format("{}", record.value);
}

}  // namespace

ValidationResult validate_results(const std::string& expected_path, const std::string& actual_path, Rule rule,
                                  double epsilon) {
  Results expected = read_results(expected_path, rule), actual = read_results(actual_path, rule);
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
      return record == nullptr ? "nothing" : text_of(*record, rule, negative);
    };
    result.first.push_back(
        {(left != nullptr ? left : right)->id, text(left, expected.negative), text(right, actual.negative)});
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

}  // namespace gasket
