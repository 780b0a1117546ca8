// The parameters of the generators: their names, their ranges, and the reading and writing of them as text.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <variant>

#include "partition/error.hpp"
#include "partition/io/generate.hpp"

namespace gasket {
namespace {

constexpr std::uint64_t kMaxVertices = std::uint64_t{1} << 40;
constexpr std::uint64_t kMaxEdges = std::uint64_t{1} << 48;

using enum GeneratorKind;

constexpr std::array<std::string_view, 7> kKinds = {"rmat", "uniform", "powerlaw", "grid", "path", "star", "complete"};

constexpr GeneratorKind kAll[] = {rmat, uniform, powerlaw, grid, path, star, complete};
constexpr GeneratorKind kRmat[] = {rmat};
constexpr GeneratorKind kUniform[] = {uniform};
constexpr GeneratorKind kPowerlaw[] = {powerlaw};
constexpr GeneratorKind kGrid[] = {grid};
constexpr GeneratorKind kSized[] = {uniform, powerlaw, path, star, complete};

constexpr std::array kOptions = {
    GeneratorOption{"scale", "2^scale vertices (1 to 40)", true, kRmat},
    GeneratorOption{"edge-factor", "edges per vertex (default 16)", false, kRmat},
    GeneratorOption{"a", "probability of the first quadrant (default 0.57)", false, kRmat},
    GeneratorOption{"b", "probability of the second quadrant (default 0.19)", false, kRmat},
    GeneratorOption{"c", "probability of the third quadrant (default 0.19)", false, kRmat},
    GeneratorOption{"permute", "shuffle the vertex ids (default true)", false, kRmat, true},
    GeneratorOption{"vertices", "number of vertices", true, kSized},
    GeneratorOption{"edges", "number of edges", true, kUniform},
    GeneratorOption{"alpha", "exponent of the degree distribution (default 2.1)", false, kPowerlaw},
    GeneratorOption{"max-degree", "largest degree (default 0: vertices - 1)", false, kPowerlaw},
    GeneratorOption{"in-degrees", "in-degrees follow the power law, not out-degrees (default false)", false, kPowerlaw,
                    true},
    GeneratorOption{"rows", "rows of the grid", true, kGrid},
    GeneratorOption{"cols", "columns of the grid", true, kGrid},
    GeneratorOption{"seed", "another number gives another graph of the same kind (default 1)", false, kAll},
    GeneratorOption{"weights", "give each edge a random weight (default false)", false, kAll, true},
    GeneratorOption{"max-weight", "weights are whole numbers from 1 to this (default 255)", false, kAll},
};

// Where a parameter lives in the spec, and what it may be.
struct Whole {
  std::uint64_t GeneratorSpec::*member;
  std::uint64_t least;
  std::uint64_t most;
};
struct Real {
  double GeneratorSpec::*member;
  double least;
  double most;
};
struct Flag {
  bool GeneratorSpec::*member;
};
using Field = std::variant<Whole, Real, Flag>;

Field field(std::string_view name) {
  using S = GeneratorSpec;
  constexpr std::uint64_t kAny = ~std::uint64_t{0};
  if (name == "scale") return Whole{&S::scale, 1, 40};
  if (name == "edge-factor") return Whole{&S::edge_factor, 1, kMaxEdges};
  if (name == "a") return Real{&S::a, 0, 1};
  if (name == "b") return Real{&S::b, 0, 1};
  if (name == "c") return Real{&S::c, 0, 1};
  if (name == "permute") return Flag{&S::permute};
  if (name == "vertices") return Whole{&S::vertices, 1, kMaxVertices};
  if (name == "edges") return Whole{&S::edges, 0, kMaxEdges};
  if (name == "alpha") return Real{&S::alpha, 1, 100};
  if (name == "max-degree") return Whole{&S::max_degree, 0, kMaxVertices};
  if (name == "in-degrees") return Flag{&S::in_degrees};
  if (name == "rows") return Whole{&S::rows, 1, kMaxVertices};
  if (name == "cols") return Whole{&S::cols, 1, kMaxVertices};
  if (name == "seed") return Whole{&S::seed, 0, kAny};
  if (name == "weights") return Flag{&S::weights};
  return Whole{&S::max_weight, 1, std::uint64_t{1} << 53};  // every whole number up to here is a double
}

std::string listed(std::span<const std::string_view> names) {
  std::string text;
  for (const std::string_view name : names) text.append(text.empty() ? "" : ", ").append(name);
  return text;
}

std::string_view name_of(GeneratorKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

bool has(GeneratorKind kind, const GeneratorOption& option) {
  return std::ranges::find(option.kinds, kind) != option.kinds.end();
}

[[noreturn]] void refuse(GeneratorKind kind, const std::string& what) {
  throw UsageError(fmt::format("generator {}: {}", name_of(kind), what));
}

std::string allowed(const Field& field) {
  if (const auto* whole = std::get_if<Whole>(&field))
    return fmt::format("a whole number from {} to {}", whole->least, whole->most);
  if (const auto* real = std::get_if<Real>(&field))
    return fmt::format("a number from {} to {}", real->least, real->most);
  return "true or false";
}

bool in_range(const GeneratorSpec& spec, const Field& field) {
  if (const auto* whole = std::get_if<Whole>(&field))
    return spec.*whole->member >= whole->least && spec.*whole->member <= whole->most;
  if (const auto* real = std::get_if<Real>(&field))
    return spec.*real->member >= real->least && spec.*real->member <= real->most;  // false for NaN
  return true;
}

template <class T>
bool read_number(std::string_view text, T& value) {
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && stopped == end;
}

bool read(GeneratorSpec& spec, const Field& field, std::string_view text) {
  if (const auto* whole = std::get_if<Whole>(&field)) return read_number(text, spec.*whole->member);
  if (const auto* real = std::get_if<Real>(&field)) return read_number(text, spec.*real->member);
  bool& flag = spec.*std::get<Flag>(field).member;
  flag = text == "true";
  return text == "true" || text == "false";
}

std::string write(const GeneratorSpec& spec, const Field& field) {
  return std::visit([&](const auto& f) { return fmt::format("{}", spec.*f.member); }, field);
}

// About how many edges a power law gives: the ratio of the two sums that make its mean degree, as integrals.
double powerlaw_edges(const GeneratorSpec& spec) {
  const auto n = static_cast<double>(spec.vertices);
  const double most = spec.max_degree == 0 ? n - 1 : static_cast<double>(spec.max_degree);
  const auto sum = [&](double power) {
    const double t = 1 - power;
    return 1 + (std::abs(t) < 1e-9 ? std::log(most) : (std::pow(most, t) - 1) / t);
  };
  return most < 1 ? 0 : n * std::min(most, sum(spec.alpha - 1) / sum(spec.alpha));
}

// The number of edges, for powerlaw about; nothing when it needs more than 64 bits.
std::optional<EdgeCount> count_edges(const GeneratorSpec& spec) {
  __extension__ using Wide = unsigned __int128;
  Wide edges = 0;
  switch (spec.kind) {
    case rmat:
      edges = Wide{spec.edge_factor} << spec.scale;
      break;
    case uniform:
      edges = spec.edges;
      break;
    case grid:
      edges = Wide{2} * spec.rows * spec.cols - spec.rows - spec.cols;
      break;
    case powerlaw: {
      const double expected = powerlaw_edges(spec);
      edges = expected < 0x1p63 ? Wide{static_cast<std::uint64_t>(expected)} : Wide{1} << 64;
      break;
    }
    case path:
    case star:
      edges = spec.vertices - 1;
      break;
    case complete:
      edges = Wide{spec.vertices} * (spec.vertices - 1) / 2;
      break;
  }
  if (edges > ~std::uint64_t{0}) return std::nullopt;
  return static_cast<std::uint64_t>(edges);
}

}  // namespace

std::span<const std::string_view> generator_kinds() { return kKinds; }
std::span<const GeneratorOption> generator_options() { return kOptions; }

GeneratorSpec parse_generator(std::string_view kind,
                              const std::vector<std::pair<std::string, std::string>>& parameters) {
  const auto known = std::ranges::find(kKinds, kind);
  if (known == kKinds.end()) throw UsageError(fmt::format("unknown generator '{}'; allowed: {}", kind, listed(kKinds)));
  GeneratorSpec spec;
  spec.kind = static_cast<GeneratorKind>(known - kKinds.begin());

  std::vector<std::string_view> given;
  for (const auto& [name, value] : parameters) {
    const auto option = std::ranges::find(kOptions, name, &GeneratorOption::name);
    if (option == kOptions.end() || !has(spec.kind, *option)) {
      std::vector<std::string_view> names;
      for (const GeneratorOption& o : kOptions)
        if (has(spec.kind, o)) names.push_back(o.name);
      refuse(spec.kind, fmt::format("there is no parameter '{}'; allowed: {}", name, listed(names)));
    }
    if (std::ranges::find(given, name) != given.end()) refuse(spec.kind, fmt::format("{} is given twice", name));
    given.push_back(name);
    const Field where = field(name);
    if (!read(spec, where, value) || !in_range(spec, where))
      refuse(spec.kind, fmt::format("{} is '{}'; allowed: {}", name, value, allowed(where)));
  }
  for (const GeneratorOption& option : kOptions)
    if (option.required && has(spec.kind, option) && std::ranges::find(given, option.name) == given.end())
      refuse(spec.kind, fmt::format("needs {}: {}", option.name, option.help));
  validate(spec);
  return spec;
}

GeneratorSpec parse_generator(std::string_view text) {
  const std::string_view kind = text.substr(0, text.find(':'));
  std::vector<std::pair<std::string, std::string>> parameters;
  if (kind.size() < text.size()) {
    std::string_view rest = text.substr(kind.size() + 1);
    while (!rest.empty()) {
      const std::string_view part = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(rest.size(), part.size() + 1));
      const std::size_t equals = part.find('=');
      if (equals == std::string_view::npos)
        throw UsageError(fmt::format("generator {}: '{}' is not of the form NAME=VALUE", kind, part));
      parameters.emplace_back(part.substr(0, equals), part.substr(equals + 1));
    }
  }
  return parse_generator(kind, parameters);
}

std::string describe(const GeneratorSpec& spec) {
  std::string text{name_of(spec.kind)};
  char separator = ':';
  for (const GeneratorOption& option : kOptions) {
    if (!has(spec.kind, option)) continue;
    const std::string value = write(spec, field(option.name));
    if (!option.required && value == write(GeneratorSpec{}, field(option.name))) continue;
    text += fmt::format("{}{}={}", separator, option.name, value);
    separator = ',';
  }
  return text;
}

EdgeCount edge_count(const GeneratorSpec& spec) { return count_edges(spec).value_or(kMaxEdges); }

void validate(const GeneratorSpec& spec) {
  for (const GeneratorOption& option : kOptions) {
    const Field where = field(option.name);
    if (has(spec.kind, option) && !in_range(spec, where))
      refuse(spec.kind, fmt::format("{} is '{}'; allowed: {}", option.name, write(spec, where), allowed(where)));
  }
  if (spec.kind == rmat && spec.a + spec.b + spec.c > 1 + 1e-9)
    refuse(rmat, fmt::format("a + b + c is {}; allowed: at most 1", spec.a + spec.b + spec.c));
  if (spec.kind == uniform && spec.vertices == 1 && spec.edges > 0)
    refuse(uniform, "one vertex cannot have edges with two different ends; allowed: edges 0, or more vertices");
  if (spec.kind == powerlaw && spec.max_degree >= spec.vertices)
    refuse(powerlaw,
           fmt::format("max-degree is '{}'; allowed: less than vertices, which is {}", spec.max_degree, spec.vertices));
  if (spec.kind == grid && spec.rows > kMaxVertices / spec.cols)
    refuse(grid,
           fmt::format("rows * cols is {} * {}; allowed: at most {} vertices", spec.rows, spec.cols, kMaxVertices));
  const std::optional<std::uint64_t> edges = count_edges(spec);
  if (!edges || *edges > kMaxEdges)
    refuse(spec.kind, fmt::format("it would have {} edges; allowed: at most {}",
                                  edges ? std::to_string(*edges) : std::string("more than 2^64"), kMaxEdges));
}

}  // namespace gasket
