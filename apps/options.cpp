#include "apps/options.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <filesystem>

#include "apps/summary.hpp"
#include "partition/atoms/index.hpp"
#include "partition/io/gsk.hpp"
#include "partition/io/open.hpp"
#include "partition/io/pending_file.hpp"
#include "partition/io/text_source.hpp"
#include "partition/parallel.hpp"
#include "partition/place/placement.hpp"

namespace gasket {
namespace {

std::string joined(const std::vector<std::string>& words, std::string_view between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : std::string(between)) + word;
  return text;
}

// Of several commands; in this order behind a command's own.
constexpr std::string_view kSharedGroups[] = {"graph", "run", "engine", "machine"};

std::vector<std::string> format_names() {
  std::vector<std::string> names;
  for (const SourceFormat& format : source_formats()) names.emplace_back(format.name);
  return names;
}

// Also of files that are not there yet.
bool same_file(const std::string& a, const std::string& b) {
  std::error_code ignored;
  return a == b || std::filesystem::equivalent(a, b, ignored) ||
         (!a.empty() && !b.empty() &&
          std::filesystem::weakly_canonical(std::filesystem::absolute(a, ignored), ignored) ==
              std::filesystem::weakly_canonical(std::filesystem::absolute(b, ignored), ignored));
}

// Whether a file is, or would be, one of a folder's own.
bool lies_in(const std::string& file, const std::string& folder) {
  std::error_code ignored;
  return std::filesystem::is_directory(folder, ignored) &&
         same_file(std::filesystem::absolute(file, ignored).parent_path().string(), folder);
}

std::vector<double> parse_weights(const std::string& text) {
  std::vector<double> weights;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    double value = 0;
    const auto [next, error] = std::from_chars(text.data() + at, text.data() + end, value);
    if (error != std::errc() || next != text.data() + end || !std::isfinite(value) || value < 1e-6 || value > 1e6)
      throw UsageError(
          fmt::format("--weights {}: must be probe, or numbers from 0.000001 to 1000000 with commas between", text));
    weights.push_back(value);
    at = end + 1;
  }
  return weights;
}

// Throws InputError where a file of that name could not be written.
void refuse_unwritable(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code ignored, failure;
  const fs::file_status found = fs::status(path, failure);
  if (failure && found.type() != fs::file_type::not_found)
    throw InputError(fmt::format("cannot write {}: {}", path, failure.message()));
  if (fs::is_directory(found)) throw InputError(fmt::format("cannot write {}: it is a directory", path));
  if (fs::exists(found) && !fs::is_regular_file(found)) {  // a device or a pipe
    if (access(path.c_str(), W_OK) != 0) throw InputError(fmt::format("cannot write {}: no permission", path));
    return;
  }
  const fs::path target = fs::is_symlink(path, ignored) ? fs::weakly_canonical(path, ignored) : fs::path(path);
  const fs::path folder = target.has_parent_path() ? target.parent_path() : fs::path(".");
  if (!fs::is_directory(folder, ignored))
    throw InputError(fmt::format("cannot write {}: there is no folder {}", path, folder.string()));
  if (access(folder.c_str(), W_OK) != 0)
    throw InputError(fmt::format("cannot write {}: its folder is not writable", path));
}

}  // namespace

CommandLine::CommandLine(std::string_view command, std::string_view summary, std::vector<std::string> examples)
    : command_(command), options_("gasket " + command_, std::string(summary)), examples_(std::move(examples)) {
  options_.custom_help("[OPTIONS]");
  options_.positional_help("");
}

cxxopts::OptionAdder CommandLine::add(const std::string& group) {
  if (!group.empty() && std::ranges::find(kSharedGroups, group) == std::end(kSharedGroups) &&
      std::ranges::find(groups_, group) == groups_.end())
    groups_.push_back(group);
  return options_.add_options(group);
}

void CommandLine::add_input_options() {
  std::string formats;
  for (const SourceFormat& format : source_formats()) formats += fmt::format("\n{}: {}", format.name, format.what);
  add("graph")("graph",
               "file with the graph (text also as .gz .zst), a folder of atoms, or a graph to "
               "generate, as rmat:scale=16",
               cxxopts::value<std::string>(), "FILE")("format", "what the file is:" + formats,
                                                      cxxopts::value<std::string>()->default_value("auto"), "NAME")(
      "ids",
      "number, or string: any words as ids, in edge lists and adjacency lists; numbered in the order of their bytes",
      cxxopts::value<std::string>()->default_value("number"),
      "KIND")("undirected", "every edge holds in both directions (a file may say by itself that it does)")(
      "drop-self-loops", "leave out edges from a vertex to itself")("drop-duplicates",
                                                                    "of equal edges keep one, the lightest")(
      "order", "of the vertices inside a rank: input, degree (highest first), or auto: as a sample of the edges says",
      cxxopts::value<std::string>()->default_value("auto"), "NAME");
  add_memory_option();
}

void CommandLine::add_memory_option() {
  add("graph")("memory-limit", "refuse a graph that would take a rank more than SIZE to load, as 8G or 500M",
               cxxopts::value<std::string>(), "SIZE");
}

void CommandLine::add_graph_options() {
  add_input_options();
  std::string strategies = fmt::format("\nauto: {}", find_placement("auto").summary);
  for (const PlacementInfo& info : placements())
    strategies += fmt::format("\n{}: {}; balance: {}", info.name, info.summary, describe(info.balance));
  strategies += "\nimport:FILE: parts from a file of METIS or of gasket partition";
  add("graph")("placement",
               "how the graph is cut into parts, one for each rank (balance: the edges of the fullest part, over its "
               "share):" +
                   strategies,
               cxxopts::value<std::string>()->default_value("auto"), "NAME")(
      "weights",
      "how much each rank is to get, for machines that differ: numbers with commas between, as 2,1,1; or probe, which "
      "measures the ranks",
      cxxopts::value<std::string>(), "LIST")("seed", "for the hashes of the placement, and for what a command draws",
                                             cxxopts::value<std::string>()->default_value("1"), "N");
  places_ = true;
}

void CommandLine::add_machine_options() {
  add("machine")("threads", "worker threads per rank (default: the cores of the host, shared among its ranks)",
                 cxxopts::value<std::string>(),
                 "N")("progress", "auto (when standard error is a terminal), always, never",
                      cxxopts::value<std::string>()->default_value("auto"), "WHEN");
}

void CommandLine::add_run_options(std::string_view top, Directions directions) {
  directions_ = directions;
  if (directions == Directions::choice)
    add("run")("direction", "auto, push or pull: how values move over edges (auto: chosen per superstep)",
               cxxopts::value<std::string>()->default_value("auto"), "NAME");
  add("run")("output", "write one line per vertex, `id value`; .gz and .zst compress; - is standard output",
             cxxopts::value<std::string>(), "FILE")(
      "top", fmt::format("print the {}; among equal ones smaller ids come first", top), cxxopts::value<std::string>(),
      "K")("report", "write a JSON record of the run", cxxopts::value<std::string>(), "FILE");
  add_machine_options();
}

void CommandLine::positional(const std::vector<std::string>& names, const std::string& usage) {
  options_.parse_positional(names);
  options_.custom_help(usage);
}

bool CommandLine::parse(const Session& session, int argc, char** argv) {
  add("")("h,help", "print this");
  try {
    result_ = options_.parse(argc, argv);
  } catch (const cxxopts::exceptions::incorrect_argument_type& error) {
    // Values are read as text, all of them, so this is one given to an option that is there or not.
    const std::string_view about = error.what();
    const auto given = std::find_if(argv + 1, argv + argc, [&](std::string_view word) {
      const std::size_t at = word.find('=');
      return word.starts_with("--") && at != word.npos &&
             about.find(fmt::format("‘{}’", word.substr(at + 1))) != about.npos;
    });
    const std::string_view word = given == argv + argc ? "an option" : *given;
    throw UsageError(
        fmt::format("{}: {}: takes no value, or true or false; see gasket {} --help", command_, word, command_));
  } catch (const cxxopts::exceptions::exception& error) {
    throw UsageError(fmt::format("{}: {}; see gasket {} --help", command_, error.what(), command_));
  }
  if (!result_.unmatched().empty())
    throw UsageError(
        fmt::format("{}: did not expect '{}'; see gasket {} --help", command_, result_.unmatched().front(), command_));
  for (const cxxopts::KeyValue& given : result_.arguments())
    if (result_.count(given.key()) > 1) throw UsageError(fmt::format("{}: --{} is given twice", command_, given.key()));
  if (result_.count("help") == 0) return true;
  if (session.rank() == 0) {
    std::vector<std::string> groups{""};
    groups.insert(groups.end(), groups_.begin(), groups_.end());
    groups.insert(groups.end(), std::begin(kSharedGroups), std::end(kSharedGroups));
    fmt::print("{}", options_.help(groups));
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

std::uint64_t CommandLine::number(const std::string& name, std::uint64_t lowest, std::uint64_t highest,
                                  std::string_view or_else) const {
  const auto text = get<std::string>(name);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < lowest || value > highest)
    throw UsageError(
        fmt::format("--{} {}: must be a whole number from {} to {}{}", name, text, lowest, highest, or_else));
  return value;
}

double CommandLine::real(const std::string& name, double lowest, double highest) const {
  const auto text = get<std::string>(name);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value) || value < lowest ||
      value > highest)
    throw UsageError(fmt::format("--{} {}: must be a number from {} to {}", name, text, lowest, highest));
  return value;
}

std::string CommandLine::vertex_id(const std::string& name, const GraphOptions& graph) const {
  return graph.names ? get<std::string>(name) : fmt::format("{}", number(name, 0, ~std::uint64_t{0}));
}

std::uint64_t CommandLine::memory_limit() const {
  if (!has("memory-limit")) return 0;
  const auto text = get<std::string>("memory-limit");
  constexpr std::string_view kUnits = "KMGT";
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (unit.ends_with('B')) unit.remove_suffix(1);
  const std::size_t power = unit.empty() ? 0 : kUnits.find(unit) + 1;
  if (error != std::errc() || !std::isfinite(number) || unit.size() > 1 || (!unit.empty() && power == 0) ||
      number * std::pow(1000, power) < 1 || number * std::pow(1000, power) > 1e18)
    throw UsageError(fmt::format(
        "--memory-limit {}: must be a number of bytes above 0, perhaps with K, M, G or T (powers of 1000), as 8G",
        text));
  return static_cast<std::uint64_t>(number * std::pow(1000, power));
}

GraphOptions CommandLine::graph_options() const {
  if (!has("graph"))
    throw UsageError(fmt::format("{}: --graph FILE is missing; see gasket {} --help", command_, command_));
  GraphOptions graph;
  graph.path = get<std::string>("graph");
  if (graph.path.empty()) throw UsageError("--graph: names no file");
  graph.format = choice("format", format_names());
  graph.names = choice("ids", {"number", "string"}) == "string" || names_by_strings(graph.path);
  graph.memory_limit = memory_limit();
  graph.undirected = flag("undirected");
  graph.drop_self_loops = flag("drop-self-loops");
  graph.drop_duplicates = flag("drop-duplicates");
  const std::string order = choice("order", {"auto", "input", "degree"});
  graph.order = order == "auto" ? VertexOrder::automatic : order == "input" ? VertexOrder::input : VertexOrder::degree;
  if (!places_) return graph;
  graph.placement = get<std::string>("placement");
  find_placement(graph.placement);  // throws where there is none
  graph.placement_given = has("placement");
  if (!graph.placement_given && looks_like_atoms(graph.path)) graph.placement = "atoms";
  graph.seed = number("seed", 0, ~std::uint64_t{0});
  if (!has("weights")) return graph;
  graph.probe_weights = get<std::string>("weights") == "probe";
  if (!graph.probe_weights) graph.weights = parse_weights(get<std::string>("weights"));
  return graph;
}

ProgressMode CommandLine::machine_options(const Session& session) const {
  const bool asked = has("threads");
  const int threads = asked ? static_cast<int>(number("threads", 1, 4096)) : session.fair_threads();
  parallel::set_threads(threads);
  if (const auto warning = session.thread_warning(threads, asked); warning && session.rank() == 0)
    fmt::print(stderr, "gasket: warning: {}\n", *warning);
  const auto progress = choice("progress", {"auto", "always", "never"});
  return progress == "always"  ? ProgressMode::always
         : progress == "never" ? ProgressMode::never
                               : ProgressMode::automatic;
}

RunOptions CommandLine::run_options(Session& session) const {
  RunOptions run;
  const auto direction = directions_ == Directions::choice ? choice("direction", {"auto", "push", "pull"}) : "auto";
  run.direction = direction == "push" ? Direction::push : direction == "pull" ? Direction::pull : Direction::automatic;
  if (has("top")) run.top = number("top", 0, 1'000'000);
  if (has("output")) run.output = output_file(session, "output");
  if (has("report")) run.report = output_file(session, "report");
  if (names_standard_output(run.output) || names_standard_output(run.report)) summary_stream = stderr;
  if (!run.output.empty() &&
      (same_file(run.output, run.report) || (names_standard_output(run.output) && names_standard_output(run.report))))
    throw UsageError(fmt::format("--output and --report both name {}", run.output));
  run.progress = machine_options(session);
  return run;
}

std::string CommandLine::output_file(Session& session, const std::string& name) const {
  const auto path = get<std::string>(name);
  if (path.empty()) throw UsageError(fmt::format("--{}: names no file", name));
  if (names_standard_output(path)) return path;
  for (const char* other : {".bz2", ".xz", ".lz4", ".zip", ".7z"})
    if (!has("atoms") && path.ends_with(other))
      throw UsageError(
          fmt::format("--{} {}: is written as it is, or compressed as .gz or .zst; not as {}", name, path, other));
  if (has("graph")) {
    const auto graph = get<std::string>("graph");
    for (const std::string& file : text_files_of(graph))
      if (same_file(path, file)) throw UsageError(fmt::format("--{} {}: is the graph itself", name, path));
    if (lies_in(path, graph)) throw UsageError(fmt::format("--{} {}: lies in the folder of the graph", name, path));
  }
  constexpr std::string_view kImport = "import:";
  if (has("placement")) {
    const auto placement = get<std::string>("placement");
    if (placement.starts_with(kImport) && same_file(path, placement.substr(kImport.size())))
      throw UsageError(fmt::format("--{} {}: is the file that --placement reads", name, path));
  }
  for (const std::string& input : inputs_)
    if (has(input) && same_file(path, get<std::string>(input)))
      throw UsageError(fmt::format("--{} {}: is the file that --{} reads", name, path, input));
  // Rank 0 will write it; a place where it cannot is said before the work, not after it.
  std::string target = path;
  if (has("atoms"))  // a folder, which may be written with a slash at its end
    while (target.size() > 1 && target.ends_with('/')) target.pop_back();
  session.communicator().agree([&] {
    if (session.rank() == 0) refuse_unwritable(target);
  });
  return path;
}

}  // namespace gasket
