#include "apps/report.hpp"
#include "apps/summary.hpp"

#include <fmt/format.h>

#include "partition/io/atomic_file.hpp"
#include "partition/memory.hpp"
#include "partition/parallel.hpp"

namespace gasket {
namespace {

const char* name_of(Direction direction) {
  return direction == Direction::push ? "push" : direction == Direction::pull ? "pull" : "auto";
}

nlohmann::json record_of(const AsyncRecord& async) {
  nlohmann::json updates = nlohmann::json::array(), idle = updates, traffic = updates;
  for (const AsyncRecord::Rank& rank : async.ranks) {
    updates.push_back(rank.updates);
    idle.push_back(rank.idle_seconds);
    traffic.push_back(rank.bytes_to);
  }
  return {{"updates_per_rank", updates},
          {"idle_seconds_per_rank", idle},
          {"traffic_bytes", traffic},
          {"beats", async.beats},
          {"updates_per_vertex_histogram", async.histogram}};
}

std::uint64_t bytes_sent(const AsyncRecord& async) {
  std::uint64_t sum = 0;
  for (const AsyncRecord::Rank& rank : async.ranks)
    for (const std::uint64_t bytes : rank.bytes_to) sum += bytes;
  return sum;
}

// Ranks' shares of the updates and of the bytes sent, and how often vertices ran.
void print_async(const AsyncRecord& async, const EngineOptions& engine) {
  const double seconds = std::max(async.seconds, 1e-9);
  print_summary("engine     {}\n", describe(engine));
  print_summary("run        {} updates in {:.3f} s ({:.3g} M/s), {} sent{}\n", async.updates, async.seconds,
                static_cast<double>(async.updates) / seconds / 1e6, bytes_text(static_cast<double>(bytes_sent(async))),
                async.converged ? "" : ", stopped at the limit of updates");
  std::string text;
  for (std::size_t bin = 0; bin < async.histogram.size(); ++bin) {
    if (async.histogram[bin] == 0) continue;
    const std::uint64_t low = bin == 0 ? 0 : std::uint64_t{1} << (bin - 1), high = bin == 0 ? 0 : 2 * low - 1;
    text += fmt::format("{}{} ran {}", text.empty() ? "" : ", ", async.histogram[bin],
                        bin == 0      ? "never"
                        : low == high ? "once"
                                      : fmt::format("{}-{} times", low, high));
  }
  print_summary("vertices   {}\n", text);
  if (async.ranks.size() == 1) return;
  for (std::size_t r = 0; r < async.ranks.size(); ++r) {
    std::uint64_t bytes = 0;
    for (const std::uint64_t sent : async.ranks[r].bytes_to) bytes += sent;
    print_summary("rank {:<5} {} updates, {} sent, idle {:.0f}% of the time\n", r, async.ranks[r].updates,
                  bytes_text(static_cast<double>(bytes)), 100 * async.ranks[r].idle_seconds / seconds);
  }
}

nlohmann::json record_of(const Session& session, const GraphOptions& graph_options, const RunOptions& options,
                         const LoadedGraph& loaded, const RunSummary& summary,
                         const std::vector<std::uint64_t>& peaks) {
  const DistributedGraph& graph = loaded.graph;
  const RunRecord& run = summary.record;
  nlohmann::json iterations = nlohmann::json::array();
  for (const SuperstepRecord& step : run.supersteps)
    iterations.push_back({{"seconds", step.seconds},
                          {"active", step.active},
                          {"updates", step.updates},
                          {"bytes_sent", step.bytes_sent},
                          {"values_sent", step.values_sent},
                          {"values_skipped", step.values_skipped},
                          {"compute_seconds", step.compute_seconds},
                          {"wait_seconds", step.wait_seconds},
                          {"direction", name_of(step.direction)}});
  return {{"command", summary.command},
          {"version", GASKET_VERSION},
          {"engine", to_json(summary.engine)},
          {"async", summary.async ? record_of(*summary.async) : nlohmann::json()},
          {"parameters", summary.parameters},
          {"graph",
           {{"path", graph_options.path},
            {"format", graph_options.format},
            {"undirected", graph_options.undirected},
            {"drop_self_loops", graph_options.drop_self_loops},
            {"drop_duplicates", graph_options.drop_duplicates},
            {"vertices", graph.vertices()},
            {"edges", graph.edges()},
            {"arcs", graph.arcs()},
            {"directed", graph.directed()},
            {"weighted", graph.weighted()},
            {"order", graph.order() == VertexOrder::degree ? "degree" : "input"},
            {"edges_read", graph.counts().edges_read},
            {"self_loops_dropped", graph.counts().self_loops_dropped},
            {"duplicates_dropped", graph.counts().duplicates_dropped}}},
          {"ranks", session.size()},
          {"threads", parallel::threads()},
          {"direction", name_of(options.direction)},
          {"placement",
           {{"name", session.size() == 1 ? "none" : graph_options.placement},
            {"seed", graph_options.seed},
            {"replication_factor", graph.quality().replication_factor},
            {"edge_balance", graph.quality().edge_balance},
            {"vertex_balance", graph.quality().vertex_balance},
            {"master_balance", graph.quality().master_balance}}},
          {"phases",
           {{"load_seconds", loaded.seconds}, {"run_seconds", run.seconds}, {"write_seconds", summary.write_seconds}}},
          {"iterations", iterations},
          {"updates", run.updates},
          {"converged", run.converged},
          {"stopped_by", run.converged             ? "convergence"
                         : summary.asked_for_limit ? "iterations"
                                                   : "limit"},
          {"peak_rss_bytes", peaks}};
}

void print_supersteps(const RunRecord& run, bool asked_for_limit) {
  std::uint64_t bytes = 0;
  for (const SuperstepRecord& step : run.supersteps) bytes += step.bytes_sent;
  const double steps = std::max<double>(1, static_cast<double>(run.supersteps.size()));
  print_summary("run        {} supersteps in {:.3f} s ({:.2f} ms each), {} updates, {} sent{}\n", run.supersteps.size(),
                run.seconds, run.seconds * 1e3 / steps, run.updates, bytes_text(static_cast<double>(bytes)),
                run.converged || asked_for_limit ? "" : ", stopped at the limit of supersteps");
}

}  // namespace

std::function<void(const SuperstepRecord&)> show_supersteps(Progress& progress) {
  progress.stage("running");
  return [&progress, count = 0](const SuperstepRecord& step) mutable {
    progress.update(fmt::format("superstep {}, {} vertices changed, {:.1f} ms, {} sent", ++count, step.active,
                                step.seconds * 1e3, bytes_text(static_cast<double>(step.bytes_sent))));
  };
}

void finish_run(Session& session, const GraphOptions& graph_options, const RunOptions& options,
                const LoadedGraph& loaded, const RunSummary& summary) {
  Communicator& comm = session.communicator();
  const std::vector<std::uint64_t> peaks = comm.all_gather(peak_rss_bytes());
  const RunRecord& run = summary.record;
  if (session.rank() == 0) {
    if (summary.async)
      print_async(*summary.async, summary.engine);
    else
      print_supersteps(run, summary.asked_for_limit);
    print_summary("memory     {} at the peak of the largest rank\n",
                  bytes_text(static_cast<double>(*std::ranges::max_element(peaks))));
    if (!options.output.empty())
      print_summary("written    {} values to {} in {:.2f} s\n", loaded.graph.vertices(), options.output,
                    summary.write_seconds);
  }
  if (options.report.empty()) return;
  comm.agree([&] {
    if (session.rank() != 0) return;
    AtomicFile file(options.report);
    file.write(record_of(session, graph_options, options, loaded, summary, peaks)
                   .dump(2, ' ', false, nlohmann::json::error_handler_t::replace) +
               "\n");
    file.commit();
  });
}

}  // namespace gasket
