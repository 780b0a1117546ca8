// How much work PageRank takes to come within an error of its fixpoint, by each way that gasket has:
//
//   power        supersteps, each from the ranks of the last
//   in-place     sweeps that see new ranks as soon as they are there (--method gauss-seidel)
//   anew         asynchronous, sums taken anew from all neighbours
//   differences  asynchronous, sums kept and changed by differences (delta PageRank)
//   urgent-first the same, the vertices that change most first (--scheduler priority)
//
// Prints CSV: graph,method,tolerance,sweeps,updates,seconds,error. A sweep is one look at every arc, error the sum of all
// differences to ranks of tolerance 1e-13. `compare.py --curves FILE --svg FILE` draws it.

#include <fmt/format.h>

#include <cmath>
#include <cxxopts.hpp>
#include <numeric>

#include "apps/dynamic_pagerank.hpp"
#include "apps/in_place_pagerank.hpp"
#include "apps/pagerank.hpp"
#include "engine/async/async_engine.hpp"
#include "engine/scope/locking_engine.hpp"
#include "engine/scope/regather.hpp"
#include "engine/sync_engine.hpp"
#include "partition/comm/session.hpp"
#include "partition/io/open.hpp"
#include "partition/load.hpp"
#include "partition/parallel.hpp"

using namespace gasket;

namespace {

class Curves {
 public:
  Curves(Session& session, const std::string& spec, bool undirected)
      : session_(session), spec_(spec), graph_(open(session, spec, undirected)), scope_(graph_) {
    exact_ = run_sync(graph_, PageRank{.tolerance = 1e-13}, {.max_supersteps = 1000}).values;
  }

  void measure(double tolerance) {
    supersteps("power", tolerance, PageRank{.tolerance = tolerance});
    supersteps("in-place", tolerance, InPlacePageRank<double>{.tolerance = tolerance});
    DynamicPageRank program;
    program.threshold = DynamicPageRank::threshold_for(tolerance, program.damping, graph_.vertices());
    ScopeOptions options;
    options.consistency = Consistency::vertex;
    auto anew = run_locking(scope_, Regather<DynamicPageRank>{program}, options);
    count_gathers<DynamicPageRank>(scope_, anew.runs, anew.record);
    without_supersteps("anew", tolerance, anew.record, values_of<DynamicPageRank>(anew.values));
    for (const bool urgent_first : {false, true}) {
      AsyncOptions order;
      order.scheduler = urgent_first ? SchedulerKind::priority : SchedulerKind::fifo;
      const auto kept = run_async(graph_, program, order);
      without_supersteps(urgent_first ? "urgent-first" : "differences", tolerance, kept.record, kept.values);
    }
  }

 private:
  static DistributedGraph open(Session& session, const std::string& spec, bool undirected) {
    const auto source = open_source(session.communicator(), {.path = spec});
    LoadOptions options;
    options.undirected = undirected;
    options.need = {true, true};
    return load_graph(session.communicator(), *source, options);
  }
  template <class P>
  void supersteps(const char* method, double tolerance, const P& program) {
    const auto result = run_sync(graph_, program, {.max_supersteps = 1000});
    print(method, tolerance, static_cast<double>(result.record.supersteps.size()), result.record.updates,
          result.record.seconds, result.values);
  }
  void without_supersteps(const char* method, double tolerance, const AsyncRecord& record,
                          const BigArray<double>& ranks) {
    print(method, tolerance, static_cast<double>(record.arcs) / static_cast<double>(graph_.arcs()), record.updates,
          record.seconds, ranks);
  }
  void print(const char* method, double tolerance, double sweeps, std::uint64_t updates, double seconds,
             const BigArray<double>& ranks) {
    Communicator& comm = session_.communicator();
    const double sum = comm.sum(std::accumulate(ranks.begin(), ranks.end(), 0.0));
    double off = 0;
    for (std::size_t v = 0; v < ranks.size(); ++v) off += std::abs(ranks[v] / sum - exact_[v]);
    off = comm.sum(off);
    if (session_.rank() == 0)
      fmt::print("{},{},{:g},{:.3f},{},{:.4f},{:.3e}\n", spec_, method, tolerance, sweeps, updates, seconds, off);
  }

  Session& session_;
  std::string spec_;
  DistributedGraph graph_;
  ScopeGraph scope_;
  BigArray<double> exact_;
};

}  // namespace

int main(int argc, char** argv) {
  Session session(argc, argv);
  cxxopts::Options options("pagerank_error", "PageRank: work to an error, by method");
  options.add_options()("graph", "generator or file", cxxopts::value<std::string>()->default_value("rmat:scale=14"))(
      "undirected", "every edge is two arcs", cxxopts::value<bool>())(
      "threads", "of each rank", cxxopts::value<int>()->default_value("1"));
  try {
    const auto line = options.parse(argc, argv);
    parallel::set_threads(line["threads"].as<int>());
    Curves curves(session, line["graph"].as<std::string>(), line.count("undirected") > 0);
    if (session.rank() == 0) fmt::print("graph,method,tolerance,sweeps,updates,seconds,error\n");
    for (int digits = 1; digits <= 10; ++digits) curves.measure(std::pow(10.0, -digits));
  } catch (const std::exception& error) {
    if (session.rank() == 0) fmt::print(stderr, "pagerank_error: {}\n", error.what());
    session.abort(ExitCode::usage);
  }
}
