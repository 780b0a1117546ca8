#include "apps/validate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "apps/command.hpp"
#include "apps/options.hpp"
#include "partition/io/text/bad_line.hpp"
#include "partition/io/text/byte_stream.hpp"
#include "partition/io/text/input_file.hpp"

namespace gasket {
namespace {

constexpr std::size_t kShown = 10;

// A value as the rule reads it: integers for exact and equivalence, else doubles.
union Value {
  std::int64_t integer;
  double real;
};

struct Record {
  ExternalId id;
  Value value;
};

std::string_view next_word(std::string_view& line) {
  const std::size_t begin = std::min(line.find_first_not_of(" \t,"), line.size());
  const std::size_t end = std::min(line.find_first_of(" \t,", begin), line.size());
  const std::string_view word = line.substr(begin, end - begin);
  line.remove_prefix(end);
  return word;
}

template <class T>
bool parse_whole(std::string_view text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

// LDBC writes Infinity; from_chars reads that, inf and nan.
bool parse_value(std::string_view text, Rule rule, Value& value) {
  if (rule == Rule::epsilon) return parse_whole(text, value.real) && !std::isnan(value.real);
  if (parse_whole(text, value.integer)) return true;
  // Labels may use all 64 bits.
  std::uint64_t wide = 0;
  if (!parse_whole(text, wide)) return false;
  value.integer = static_cast<std::int64_t>(wide);
  return true;
}

// Calls take(line, number) for every line of the stream, without its end.
template <class Take>
void for_each_line(text::ByteStream& stream, const Take& take) {
  std::string pending;
  std::vector<char> block(std::size_t{1} << 20);
  std::uint64_t number = 0;
  while (const std::size_t got = stream.read(block)) {
    std::string_view rest(block.data(), got);
    for (std::size_t end; (end = rest.find('\n')) != std::string_view::npos; rest.remove_prefix(end + 1)) {
      pending.append(rest.substr(0, end));
      take(std::string_view(pending), ++number);
      pending.clear();
    }
    pending.append(rest);
  }
  if (!pending.empty()) take(std::string_view(pending), ++number);
}

std::vector<Record> read_results(const std::string& path, Rule rule) {
  const text::InputFile file(path, "a result file");
  const auto stream = text::open_stream(file, text::detect_compression(file));
  std::vector<Record> records;
  for_each_line(*stream, [&](std::string_view line, std::uint64_t number) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    std::string_view rest = line;
    const std::string_view id = next_word(rest), value = next_word(rest);
    if (id.empty() || id.front() == '#') return;
    Record record{};
    if (!parse_whole(id, record.id) || !parse_value(value, rule, record.value) || !next_word(rest).empty())
      throw InputError(fmt::format("{}:{}: expected a vertex id and {}, found {}", path, number,
                                   rule == Rule::epsilon ? "a number" : "an integer", text::quoted(line)));
    records.push_back(record);
  });
  if (records.empty()) throw InputError(fmt::format("{}: holds no results", path));
  std::ranges::sort(records, {}, &Record::id);
  const auto twice = std::ranges::adjacent_find(records, {}, &Record::id);
  if (twice != records.end()) throw InputError(fmt::format("{}: names vertex {} twice", path, twice->id));
  return records;
}

std::string text_of(Value value, Rule rule) {
  return rule == Rule::epsilon ? fmt::format("{}", value.real) : fmt::format("{}", value.integer);
}

bool within(double expected, double actual, double epsilon) {
  if (std::isinf(expected) || std::isinf(actual)) return expected == actual;
  return std::abs(expected - actual) <= epsilon * std::abs(expected);
}

// Remembers which label of the other file each label was first seen with.
class LabelMap {
 public:
  bool agrees(std::int64_t label, std::int64_t other) { return map_.emplace(label, other).first->second == other; }

 private:
  std::unordered_map<std::int64_t, std::int64_t> map_;
};

}  // namespace

ValidationResult validate_results(const std::string& expected_path, const std::string& actual_path, Rule rule,
                                  double epsilon) {
  const std::vector<Record> expected = read_results(expected_path, rule), actual = read_results(actual_path, rule);
  ValidationResult result;
  LabelMap forward, backward;
  const auto differ = [&](ExternalId id, std::string left, std::string right) {
    ++result.differing;
    if (result.first.size() < kShown) result.first.push_back({id, std::move(left), std::move(right)});
  };
  auto e = expected.begin(), a = actual.begin();
  while (e != expected.end() || a != actual.end()) {
    if (a == actual.end() || (e != expected.end() && e->id < a->id)) {
      differ(e->id, text_of(e->value, rule), "nothing");
      ++e;
      continue;
    }
    if (e == expected.end() || a->id < e->id) {
      differ(a->id, "nothing", text_of(a->value, rule));
      ++a;
      continue;
    }
    ++result.compared;
    bool same = false;
    switch (rule) {
      case Rule::exact: same = e->value.integer == a->value.integer; break;
      case Rule::epsilon: same = within(e->value.real, a->value.real, epsilon); break;
      case Rule::equivalence: {
        const bool one = forward.agrees(e->value.integer, a->value.integer);
        same = backward.agrees(a->value.integer, e->value.integer) && one;
        break;
      }
    }
    if (!same) differ(e->id, text_of(e->value, rule), text_of(a->value, rule));
    ++e;
    ++a;
  }
  return result;
}

ExitCode run_validate(Session& session, int argc, char** argv) {
  CommandLine line("validate", "compare two result files, a line `id value` per vertex, by the LDBC rules",
                   {"gasket validate --rule exact expected-BFS.txt bfs.txt", "gasket validate --rule epsilon expected-PR.txt pr.txt",
                    "gasket validate --rule equivalence expected-WCC.txt wcc.txt"});
  line.add("")("rule", "exact: equal integers (BFS)\nepsilon: within a ten-thousandth (PageRank, SSSP)\nequivalence: same classes under any labels (WCC)",
               cxxopts::value<std::string>(), "NAME")
      ("epsilon", "relative difference that the epsilon rule allows", cxxopts::value<std::string>()->default_value("0.0001"), "E")
      ("expected", "the reference", cxxopts::value<std::string>(), "FILE")("actual", "what is to be checked", cxxopts::value<std::string>(), "FILE");
  line.positional({"expected", "actual"}, "--rule NAME EXPECTED ACTUAL");
  if (!line.parse(session, argc, argv)) return ExitCode::ok;
  if (!line.has("rule")) throw UsageError("validate: --rule is missing; it must be one of exact, epsilon, equivalence");
  const std::string name = line.choice("rule", {"exact", "epsilon", "equivalence"});
  const Rule rule = name == "exact" ? Rule::exact : name == "epsilon" ? Rule::epsilon : Rule::equivalence;
  const double epsilon = line.real("epsilon", 0, 1e300);
  if (!line.has("expected") || !line.has("actual")) throw UsageError("validate: name two files, EXPECTED and ACTUAL");

  Communicator& comm = session.communicator();
  ValidationResult result;
  comm.agree([&] {
    if (comm.rank() == 0)
      result = validate_results(line.get<std::string>("expected"), line.get<std::string>("actual"), rule, epsilon);
  });
  if (comm.rank() == 0) {
    for (const Difference& difference : result.first)
      fmt::print("vertex {}: expected {}, found {}\n", difference.id, difference.expected, difference.actual);
    if (result.differing > result.first.size()) fmt::print("... and {} more\n", result.differing - result.first.size());
    fmt::print("{}: {} vertices compared by the rule {}, {} differ\n", result.valid() ? "valid" : "INVALID", result.compared, name,
               result.differing);
  }
  return comm.any(!result.valid()) ? ExitCode::failure : ExitCode::ok;
}

}  // namespace gasket
