#include "apps/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "partition/parallel.hpp"
#include "partition/place/placement.hpp"

namespace gasket {
namespace {

std::string joined(const std::vector<std::string>& words, std::string_view between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : std::string(between)) + word;
  return text;
}

std::vector<std::string> placement_names() {
  std::vector<std::string> names;
  for (const PlacementInfo& info : placements()) names.emplace_back(info.name);
  return names;
}

const std::vector<std::string> kFormats = {"auto", "snap", "tsv", "csv", "ldbc", "gsk"};

}  // namespace

CommandLine::CommandLine(std::string_view command, std::string_view summary, std::vector<std::string> examples)
    : command_(command), options_("gasket " + command_, std::string(summary)), examples_(std::move(examples)) {
  options_.custom_help("[OPTIONS]");
  options_.positional_help("");
}

void CommandLine::add_graph_options() {
  std::string strategies;
  for (const PlacementInfo& info : placements()) strategies += fmt::format("\n{}: {}", info.name, info.summary);
  options_.add_options("graph")
      ("graph", "file with the graph: edge list (.txt .tsv .csv, also .gz .zst), LDBC .v/.e, .gsk; or one to generate, as rmat:scale=16", cxxopts::value<std::string>(), "FILE")
      ("format", "what the file is: " + joined(kFormats, ", "), cxxopts::value<std::string>()->default_value("auto"), "NAME")
      ("undirected", "every edge holds in both directions")
      ("drop-self-loops", "leave out edges from a vertex to itself")
      ("drop-duplicates", "of equal edges keep one, the lightest")
      ("placement", "how the graph is cut into parts:" + strategies, cxxopts::value<std::string>()->default_value("dbh"), "NAME")
      ("seed", "for the hashes of the placement", cxxopts::value<std::string>()->default_value("1"), "N");
}

void CommandLine::add_run_options() {
  options_.add_options("run")
      ("threads", "worker threads per rank (default: the cores of the host, shared among its ranks)", cxxopts::value<std::string>(), "N")
      ("direction", "auto, push or pull: how values move over edges (auto: chosen per superstep)", cxxopts::value<std::string>()->default_value("auto"), "NAME")
      ("output", "write one line per vertex, `id value`; .gz and .zst compress", cxxopts::value<std::string>(), "FILE")
      ("top", "print the first K to standard output", cxxopts::value<std::string>(), "K")
      ("report", "write a JSON record of the run", cxxopts::value<std::string>(), "FILE")
      ("progress", "auto (when standard error is a terminal), always, never", cxxopts::value<std::string>()->default_value("auto"), "WHEN");
}

void CommandLine::positional(const std::vector<std::string>& names, const std::string& usage) {
  options_.parse_positional(names);
  options_.custom_help(usage);
}

bool CommandLine::parse(const Session& session, int argc, char** argv) {
  options_.add_options("")("h,help", "print this");
  try {
    result_ = options_.parse(argc, argv);
  } catch (const cxxopts::exceptions::exception& error) {
    throw UsageError(fmt::format("{}: {}; see gasket {} --help", command_, error.what(), command_));
  }
  if (!result_.unmatched().empty())
    throw UsageError(fmt::format("{}: did not expect '{}'; see gasket {} --help", command_, result_.unmatched().front(), command_));
  if (result_.count("help") == 0) return true;
  if (session.rank() == 0) {
    fmt::print("{}", options_.help());
    if (!examples_.empty()) fmt::print("\nexamples:\n  {}\n", joined(examples_, "\n  "));
  }
  return false;
}

std::string CommandLine::choice(const std::string& name, const std::vector<std::string>& allowed) const {
  const auto value = get<std::string>(name);
  if (std::ranges::find(allowed, value) == allowed.end())
    throw UsageError(fmt::format("--{} {}: must be one of {}", name, value, joined(allowed, ", ")));
  return value;
}

std::uint64_t CommandLine::number(const std::string& name, std::uint64_t lowest, std::uint64_t highest) const {
  const auto text = get<std::string>(name);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < lowest || value > highest)
    throw UsageError(fmt::format("--{} {}: must be a whole number from {} to {}", name, text, lowest, highest));
  return value;
}

double CommandLine::real(const std::string& name, double lowest, double highest) const {
  const auto text = get<std::string>(name);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value) || value < lowest || value > highest)
    throw UsageError(fmt::format("--{} {}: must be a number from {} to {}", name, text, lowest, highest));
  return value;
}

GraphOptions CommandLine::graph_options() const {
  if (!has("graph")) throw UsageError(fmt::format("{}: --graph FILE is missing; see gasket {} --help", command_, command_));
  GraphOptions graph;
  graph.path = get<std::string>("graph");
  graph.format = choice("format", kFormats);
  graph.undirected = has("undirected");
  graph.drop_self_loops = has("drop-self-loops");
  graph.drop_duplicates = has("drop-duplicates");
  graph.placement = choice("placement", placement_names());
  graph.seed = number("seed", 0, ~std::uint64_t{0});
  return graph;
}

RunOptions CommandLine::run_options(const Session& session) const {
  RunOptions run;
  const auto direction = choice("direction", {"auto", "push", "pull"});
  run.direction = direction == "push" ? Direction::push : direction == "pull" ? Direction::pull : Direction::automatic;
  if (has("output")) run.output = get<std::string>("output");
  if (has("top")) run.top = number("top", 0, 1'000'000);
  if (has("report")) run.report = get<std::string>("report");
  const auto progress = choice("progress", {"auto", "always", "never"});
  run.progress = progress == "always"  ? ProgressMode::always
                 : progress == "never" ? ProgressMode::never
                                       : ProgressMode::automatic;
  const bool asked = has("threads");
  const int threads = asked ? static_cast<int>(number("threads", 1, 4096)) : session.fair_threads();
  parallel::set_threads(threads);
  if (const auto warning = session.thread_warning(threads, asked); warning && session.rank() == 0)
    fmt::print(stderr, "gasket: warning: {}\n", *warning);
  return run;
}

}  // namespace gasket
