// `gasket partition`: places a graph by many strategies into many numbers of parts, and says what came of each.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <map>

#include "apps/command.hpp"
#include "apps/load.hpp"
#include "apps/memory_limit.hpp"
#include "apps/partition_study.hpp"
#include "apps/summary.hpp"
#include "engine/output.hpp"
#include "partition/build/numbered.hpp"
#include "partition/io/atomic_file.hpp"
#include "partition/io/open.hpp"
#include "partition/parallel.hpp"
#include "partition/place/degrees.hpp"
#include "partition/probe.hpp"

namespace gasket {
namespace {

// What an option lists with commas between, each word once.
std::vector<std::string> split(const std::string& option, const std::string& text) {
  if (text.empty()) throw UsageError(fmt::format("{}: names nothing", option));
  std::vector<std::string> words;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::string word = text.substr(at, end - at);
    if (word.empty()) throw UsageError(fmt::format("{} {}: a comma has nothing beside it", option, text));
    if (std::ranges::find(words, word) == words.end()) words.push_back(word);
    at = end + 1;
  }
  return words;
}

std::vector<PartId> parse_parts(const std::string& text) {
  std::vector<PartId> parts;
  for (const std::string& word : split("--parts", text)) {
    PartId value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc() || end != word.data() + word.size() || value < 1 || value > kMostParts)
      throw UsageError(fmt::format("--parts {}: must be numbers from 1 to {}, as in 2,4,8", text, kMostParts));
    parts.push_back(value);
  }
  return parts;
}

std::vector<std::string> parse_strategies(const std::string& text) {
  std::vector<std::string> names = split("--strategies", text);
  if (text == "all") {
    names.clear();
    for (const PlacementInfo& info : placements()) names.emplace_back(info.name);
  }
  for (const std::string& name : names) find_placement(name, "--strategies");
  return names;
}

// Weights are dealt to the parts in turn: two of them stand for as many fast as slow machines.
std::vector<double> deal_weights(const std::vector<double>& weights, PartId parts) {
  if (weights.empty()) return {};
  if (parts % weights.size() != 0)
    throw UsageError(
        fmt::format("--weights: {} of them cannot be dealt in turn to {} parts; --parts must be a multiple",
                    weights.size(), parts));
  std::vector<double> dealt(parts);
  for (std::size_t q = 0; q < parts; ++q) dealt[q] = weights[q % weights.size()];
  return dealt;
}

// A placement with what it reads.
struct Placed {
  BigArray<std::uint32_t> degrees;
  std::unique_ptr<Placement> placement;
  double seconds = 0;  // of the slowest rank
};

class Lab {
 public:
  Lab(Session& session, const GraphOptions& options, const NumberedEdges& input, bool undirected)
      : comm_(session.communicator()), options_(options), input_(input), undirected_(undirected) {
    for (const EdgeChunk& chunk : input.edges) edges_ += chunk.size();
    edges_ = comm_.sum(edges_);
  }

  EdgeCount edges() const { return edges_; }

  PlacementInput describe(PartId parts) const {
    return {.comm = &comm_,
            .parts = parts,
            .vertices = input_.vertices,
            .edges = input_.edges,
            .undirected = undirected_,
            .seed = options_.seed};
  }

  Placed place(const std::string& name, PartId parts, std::span<const double> weights) const {
    const PlacementInfo& info = find_placement(name);
    comm_.any(false);  // all begin together
    const auto start = std::chrono::steady_clock::now();
    Placed placed;
    placed.degrees = count_degrees(comm_, input_.edges, input_.vertices, info.degrees, undirected_);
    PlacementInput how = describe(parts);
    how.degrees = placed.degrees.span();
    how.weights = weights;
    how.argument = placement_argument(name);
    placed.placement = info.make(how);
    parallel::for_each_index(input_.edges.size(), [&](std::size_t c) {
      BigArray<PartId> parts_of(input_.edges[c].size());
      placed.placement->place(input_.edges[c], c, parts_of.span());
    });
    placed.seconds = comm_.max(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    return placed;
  }

  // As import.cpp reads it. Collective. Edge cuts are saved as parts of vertices, all others as parts of edges. Those have
  // no place for masters that do not follow the edges; and an undirected edge has a single line, so that it cannot be saved
  // where its arcs, each by itself, may go to two parts.
  void save(const std::string& name, const Placement& placement, PartId parts, const std::string& path) const {
    BigArray<PartId> masters(input_.vertices);
    placement.masters(0, masters.span());
    bool by_vertex = !placement.masters_follow_edges();
    const bool arc_by_arc = undirected_ && !placement.symmetric();
    const auto check = [&](GlobalId, GlobalId target, PartId part) {
      by_vertex = by_vertex && part == masters[target];
    };
    for (std::size_t c = 0; c < input_.edges.size() && by_vertex; ++c) {
      place_chunk(placement, input_.edges[c], c, check);
      if (arc_by_arc) place_chunk(placement, reversed(input_.edges[c]), c, check);
    }
    by_vertex = !comm_.any(!by_vertex);
    if (!by_vertex && arc_by_arc)
      throw_agreed(UsageError(
          fmt::format("--save-parts: {0} places the two arcs of an undirected edge each by itself, and a file has one "
                      "part per edge: read back, arcs would lie elsewhere than was studied; load with --placement {0}, "
                      "or save a strategy that keeps an edge together, as dbh, hdrf or hep do",
                      name)));
    if (!by_vertex && !placement.masters_follow_edges())
      throw_agreed(UsageError(fmt::format(
          "--save-parts: {0} has a rule for masters, which a file of one part per edge has no place for: read "
          "back, vertices would be mastered elsewhere than was studied; load with --placement {0}",
          name)));
    bool begun = false;
    std::size_t chunk = 0;
    GlobalId next = comm_.slice(input_.vertices, comm_.rank());
    const GlobalId end = comm_.slice(input_.vertices, comm_.rank() + 1);
    detail::write_in_rank_order(comm_, path, [&](fmt::memory_buffer& text) {
      const auto out = fmt::appender(text);
      if (!std::exchange(begun, true) && comm_.rank() == 0)
        fmt::format_to(out, "# gasket parts: vertices {} parts {}\n", input_.vertices, parts);
      if (by_vertex) {
        for (int i = 0; i < 100'000 && next < end; ++i) fmt::format_to(out, "{}\n", masters[next++]);
        return next < end;
      }
      if (chunk < input_.edges.size()) {
        place_chunk(placement, input_.edges[chunk], chunk, [&](GlobalId source, GlobalId target, PartId part) {
          fmt::format_to(out, "{} {} {}\n", source, target, part);
        });
        ++chunk;
      }
      return chunk < input_.edges.size();
    });
  }

 private:
  template <class Visit>
  static void place_chunk(const Placement& placement, const EdgeChunk& edges, std::size_t c, const Visit& visit) {
    BigArray<PartId> parts(edges.size());
    placement.place(edges, c, parts.span());
    edges.for_each([&](GlobalId s, GlobalId t, std::size_t i) { visit(s, t, parts[i]); });
  }

  Communicator& comm_;
  const GraphOptions& options_;
  const NumberedEdges& input_;
  bool undirected_;
  EdgeCount edges_ = 0;
};

void write_file(Session& session, const std::string& path, const std::string& text) {
  if (path.empty()) return;
  session.communicator().agree([&] {
    if (session.rank() != 0) return;
    AtomicFile file(path);
    file.write(text);
    file.commit();
  });
}

struct Outputs {
  std::string csv, json, html, parts;
};

Outputs outputs_of(const CommandLine& line, Session& session) {
  const auto file = [&](const char* name) { return line.has(name) ? line.output_file(session, name) : std::string(); };
  Outputs outputs{file("csv"), file("json"), file("html"), file("save-parts")};
  std::map<std::string, std::string> names;  // by path
  for (const auto& [path, name] : {std::pair(outputs.csv, "--csv"), std::pair(outputs.json, "--json"),
                                   std::pair(outputs.html, "--html"), std::pair(outputs.parts, "--save-parts")}) {
    if (path.empty()) continue;
    if (names_standard_output(path)) summary_stream = stderr;
    if (const auto [other, fresh] = names.emplace(path, name); !fresh)
      throw UsageError(fmt::format("{} and {} both name {}", other->second, name, path));
  }
  return outputs;
}

Traffic traffic_of(const CommandLine& line) {
  const std::string over = line.choice("gather", {"in", "out", "both"});
  Traffic traffic;
  traffic.flow = over == "in" ? Flow::forward : over == "out" ? Flow::backward : Flow::both;
  traffic.accumulator = line.number("sum-bytes", 0, 1 << 20);
  traffic.ghost = line.number("value-bytes", 0, 1 << 20);
  return traffic;
}

}  // namespace

ExitCode run_partition(Session& session, int argc, char** argv) {
  CommandLine line(
      "partition", "compare placement strategies on a graph, for any number of parts",
      {"gasket partition --graph web.txt.gz --parts 4,16,64 --html lab.html",
       "mpirun -n 4 --bind-to none gasket partition --graph web.txt --strategies dbh,hdrf,2psl --parts 256",
       "gasket partition --graph web.txt --strategies hep --parts 4 --save-parts web.parts",
       "mpirun -n 4 --bind-to none gasket pagerank --graph web.txt --placement import:web.parts"});
  line.add_graph_options();
  line.add("study")(
      "strategies",
      "names as listed under --placement (which itself is for other commands), with commas between; or all",
      cxxopts::value<std::string>()->default_value("all"),
      "LIST")("parts", "numbers of parts from 1 to 16384, with commas between",
              cxxopts::value<std::string>()->default_value("2,4,8,16,32"), "LIST")(
      "gather", "the edges a program gathers over: in, out or both", cxxopts::value<std::string>()->default_value("in"),
      "NAME")("sum-bytes", "of a sum on its way to a master", cxxopts::value<std::string>()->default_value("8"), "N")(
      "value-bytes", "of a value on its way to a ghost", cxxopts::value<std::string>()->default_value("8"), "N")(
      "csv", "write the table with all digits, a row per strategy and number of parts", cxxopts::value<std::string>(),
      "FILE")("json", "write the same as a list of objects", cxxopts::value<std::string>(), "FILE")(
      "html", "write one page with plots and tables", cxxopts::value<std::string>(), "FILE")(
      "save-parts", "write where the last strategy put everything, for --placement import:FILE",
      cxxopts::value<std::string>(), "FILE");
  line.add_machine_options();
  if (!line.parse(session, argc, argv)) return ExitCode::ok;
  const GraphOptions options = line.graph_options();
  if (options.drop_duplicates)
    throw UsageError("partition: --drop-duplicates: edges are studied before equal ones meet; convert the graph first");
  if (line.has("placement")) throw UsageError("partition: --placement: name what is to be compared with --strategies");
  if (line.has("order")) throw UsageError("partition: --order: no graph is built, so there is nothing to order");
  const std::vector<std::string> strategies = parse_strategies(line.get<std::string>("strategies"));
  const std::vector<PartId> sweep = parse_parts(line.get<std::string>("parts"));
  const Traffic traffic = traffic_of(line);
  const Outputs outputs = outputs_of(line, session);
  Communicator& comm = session.communicator();
  Progress progress(line.machine_options(session), session.rank());

  std::vector<double> weights = options.weights;
  if (options.probe_weights) weights = weights_of(comm.all_gather(measure_speed(comm)));
  for (const PartId parts : sweep) deal_weights(weights, parts);  // throws where it cannot
  const auto source = open_source(comm, {.path = options.path, .format = options.format, .names = options.names});
  for (const std::string& name : strategies) {
    PlacingMemory memory = placing_memory(name);
    memory.edge += 8;  // what the meter takes, and the theory of random
    if (name == "random") memory.edge += 36;
    refuse_beyond_memory(session, *source,
                         {.weighted = source->weighted(),
                          .undirected = options.undirected || !source->directed().value_or(true),
                          .need = {.by_target = true, .by_source = false},
                          .threads = parallel::threads(),
                          .parts = std::ranges::max(sweep),
                          .placing = memory},
                         options.memory_limit);
  }
  const NumberedEdges input =
      read_numbered(comm, *source, options.drop_self_loops, [&](std::string_view name) { progress.stage(name); });
  const bool undirected = options.undirected || !source->directed().value_or(true);
  const Lab lab(session, options, input, undirected);
  const PlacementMeter meter(comm, input.edges, input.vertices, undirected);
  std::optional<RandomTheory> theory;
  if (std::ranges::count(strategies, "random") > 0) theory.emplace(lab.describe(1));

  std::vector<StudyRow> rows;
  for (const PartId parts : sweep) {
    const std::vector<double> dealt = deal_weights(weights, parts);
    for (const std::string& name : strategies) {
      progress.stage(fmt::format("{} into {} parts", name, parts));
      const Placed placed = lab.place(name, parts, dealt);
      StudyRow& row = rows.emplace_back();
      row.strategy = name;
      row.chosen = placed.placement->chosen();
      row.parts = parts;
      row.seconds = placed.seconds;
      row.edges_per_second = static_cast<double>(lab.edges()) / std::max(placed.seconds, 1e-9);
      row.study = meter.measure(*placed.placement, PartShares(parts, dealt), traffic);
      if (name == "random") row.random_copies = theory->copies(parts);
      if (parts == sweep.back() && name == strategies.back() && !outputs.parts.empty())
        lab.save(name, *placed.placement, parts, outputs.parts);
    }
  }
  progress.finish();

  const StudiedGraph graph{options.path,   input.vertices,      lab.edges(), !undirected,
                           session.size(), parallel::threads(), traffic,     weights};
  if (session.rank() == 0)
    print_summary("graph      {}: {}, {}\n{}\n{}\n{}\n", graph.name, counted_vertices(graph.vertices),
                  counted_edges(graph.edges, graph.directed),
                  weights.empty()
                      ? ""
                      : fmt::format("weights    {:.3g} in turn; balances are by them\n", fmt::join(weights, ", ")),
                  to_table(rows) + std::string(kLegend), recommend(graph, rows));
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const StudyRow& row : rows) list.push_back(to_json(row));
  write_file(session, outputs.csv, to_csv(rows));
  write_file(session, outputs.json, list.dump(1) + "\n");
  write_file(session, outputs.html, to_html(graph, rows));
  return ExitCode::ok;
}

}  // namespace gasket
