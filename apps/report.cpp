#include "apps/report.hpp"
#include "apps/summary.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <numeric>
#include <utility>

#include "partition/io/atomic_file.hpp"
#include "partition/memory.hpp"
#include "partition/parallel.hpp"

namespace gasket {
namespace {

const char* name_of(Direction direction) {
  return direction == Direction::push ? "push" : direction == Direction::pull ? "pull" : "auto";
}

nlohmann::json record_of(const AsyncRecord& async) {
  nlohmann::json updates = nlohmann::json::array(), arcs = updates, idle = updates, traffic = updates;
  for (const AsyncRecord::Rank& rank : async.ranks) {
    updates.push_back(rank.updates);
    arcs.push_back(rank.arcs);
    idle.push_back(rank.idle_seconds);
    traffic.push_back(rank.bytes_to);
  }
  return {{"arcs", async.arcs},
          {"updates_per_rank", updates},
          {"arcs_per_rank", arcs},
          {"idle_seconds_per_rank", idle},
          {"traffic_bytes", traffic},
          {"beats", async.beats},
          {"updates_per_vertex_histogram", async.histogram}};
}

std::uint64_t sum_of(const std::vector<std::uint64_t>& numbers) {
  return std::accumulate(numbers.begin(), numbers.end(), std::uint64_t{0});
}

// How often vertices ran: a line with a bar for each bin, powers of two.
void print_histogram(const std::vector<std::uint64_t>& histogram) {
  constexpr std::size_t kWidth = 40;
  const std::uint64_t most = histogram.empty() ? 1 : *std::ranges::max_element(histogram);
  const char* title = "vertices";
  for (std::size_t bin = 0; bin < histogram.size(); ++bin) {
    if (histogram[bin] == 0) continue;
    const std::uint64_t low = bin == 0 ? 0 : std::uint64_t{1} << (bin - 1), high = bin == 0 ? 0 : 2 * low - 1;
    const std::string times = bin == 0 ? "never" : low == high ? "once" : fmt::format("{}-{} times", low, high);
    const auto length =
        static_cast<std::size_t>(static_cast<double>(histogram[bin]) / static_cast<double>(most) * kWidth);
    print_summary("{:<10} {:>10} ran {:<18} {}\n", std::exchange(title, ""), histogram[bin], times,
                  std::string(std::max<std::size_t>(length, 1), '#'));
  }
}

// What each rank did, said to the others and heard from them, and how long it had nothing to do.
void print_ranks(const AsyncRecord& async, std::uint64_t all_bytes) {
  for (std::size_t r = 0; r < async.ranks.size(); ++r) {
    const AsyncRecord::Rank& rank = async.ranks[r];
    std::uint64_t sent = sum_of(rank.bytes_to), received = 0;
    for (const AsyncRecord::Rank& from : async.ranks) received += from.bytes_to[r];
    // Every byte is sent once and received once.
    const double share = static_cast<double>(sent + received) / std::max(2.0 * static_cast<double>(all_bytes), 1.0);
    print_summary("rank {:<5} {}, {} sent, {} received ({:.0f}% of the traffic), idle {:.2f} s\n", r,
                  counted(rank.updates, "update"), bytes_text(static_cast<double>(sent)),
                  bytes_text(static_cast<double>(received)), 100 * share, rank.idle_seconds);
  }
}

void print_async(const AsyncRecord& async, const EngineOptions& engine) {
  std::uint64_t bytes = 0;
  for (const AsyncRecord::Rank& rank : async.ranks) bytes += sum_of(rank.bytes_to);
  print_summary("engine     {}\n", describe(engine));
  print_summary("run        {}{} in {:.3f} s ({:.3g} M/s), {} sent{}\n", counted(async.updates, "update"),
                async.arcs > 0 ? " over " + counted(async.arcs, "arc") : "", async.seconds,
                static_cast<double>(async.updates) / std::max(async.seconds, 1e-9) / 1e6,
                bytes_text(static_cast<double>(bytes)), async.converged ? "" : ", stopped at the limit of updates");
  print_histogram(async.histogram);
  if (async.ranks.size() > 1) print_ranks(async, bytes);
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
           {{"name", graph.quality().strategy},
            {"automatic", graph_options.placement == "auto"},
            {"seed", graph_options.seed},
            {"weights", loaded.weights},
            {"replication_factor", graph.quality().replication_factor},
            {"edge_balance", graph.quality().edge_balance},
            {"vertex_balance", graph.quality().vertex_balance},
            {"master_balance", graph.quality().master_balance}}},
          {"phases",
           {{"load_seconds", loaded.seconds}, {"run_seconds", run.seconds}, {"write_seconds", summary.write_seconds}}},
          {"iterations", iterations},
          {"wait_seconds_per_rank", run.waited},
          {"updates", run.updates},
          {"converged", run.converged},
          {"stopped_by", run.converged             ? "convergence"
                         : summary.asked_for_limit ? "iterations"
                                                   : "limit"},
          {"peak_rss_bytes", peaks}};
}

void print_supersteps(const RunRecord& run, std::string_view unit, bool asked_for_limit) {
  std::uint64_t bytes = 0;
  for (const SuperstepRecord& step : run.supersteps) bytes += step.bytes_sent;
  const double steps = std::max<double>(1, static_cast<double>(run.supersteps.size()));
  print_summary("run        {} in {:.3f} s{}, {}, {} sent{}\n", counted(run.supersteps.size(), unit), run.seconds,
                run.supersteps.empty() ? "" : fmt::format(" ({:.2f} ms each)", run.seconds * 1e3 / steps),
                counted(run.updates, "update"), bytes_text(static_cast<double>(bytes)),
                run.converged || asked_for_limit ? "" : ", stopped at the limit of supersteps");
}

}  // namespace

std::function<void(const SuperstepRecord&)> show_supersteps(Progress& progress) {
  progress.stage("running");
  return [&progress, count = 0](const SuperstepRecord& step) mutable {
    progress.update(fmt::format("superstep {}, {} changed, {:.1f} ms, {} sent", ++count, counted_vertices(step.active),
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
    else if (!summary.in_supersteps)
      print_summary("run        {:.3f} s\n", run.seconds);
    else
      print_supersteps(run, summary.step, summary.asked_for_limit);
    if (run.waited.size() > 1) print_summary("waiting    {:.2f} s, rank by rank\n", fmt::join(run.waited, ", "));
    print_summary("memory     {} at the peak of the largest rank\n",
                  bytes_text(static_cast<double>(*std::ranges::max_element(peaks))));
    if (!options.output.empty())
      print_summary("written    {} to {} in {:.2f} s\n", counted(loaded.graph.vertices(), "value"), options.output,
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
