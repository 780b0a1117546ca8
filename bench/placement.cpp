// Edges per second that placement strategies place on one thread, degrees counted before and named apart. The clock is
// that of the thread, which stands still while others have the core.
//
//   placement --graph rmat:scale=21,edge-factor=16 --parts 32 --strategies dbh,hdrf,2psl,hep

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <cxxopts.hpp>
#include <sstream>

#include "partition/build/numbered.hpp"
#include "partition/comm/session.hpp"
#include "partition/io/open.hpp"
#include "partition/parallel.hpp"
#include "partition/place/degrees.hpp"

using namespace gasket;

namespace {

double seconds_of(const std::function<void()>& work) {
  const auto now = [] {
    timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  };
  const double start = now();
  work();
  return now() - start;
}

void measure(Communicator& comm, const NumberedEdges& input, const std::string& name, PartId parts, int repeats) {
  EdgeCount edges = 0;
  for (const EdgeChunk& chunk : input.edges) edges += chunk.size();
  const PlacementInfo& info = find_placement(name);
  double counting = 1e9, placing = 1e9;
  for (int i = 0; i < repeats; ++i) {
    BigArray<std::uint32_t> degrees;
    counting = std::min(
        counting, seconds_of([&] { degrees = count_degrees(comm, input.edges, input.vertices, info.degrees, false); }));
    placing = std::min(placing, seconds_of([&] {
                         const auto placement = info.make({.comm = &comm,
                                                           .parts = parts,
                                                           .vertices = input.vertices,
                                                           .edges = input.edges,
                                                           .degrees = degrees.span(),
                                                           .seed = 1});
                         BigArray<PartId> into(1);
                         for (std::size_t c = 0; c < input.edges.size(); ++c) {
                           if (into.size() < input.edges[c].size()) into = BigArray<PartId>(input.edges[c].size());
                           placement->place(input.edges[c], c, into.span().first(input.edges[c].size()));
                         }
                       }));
  }
  const auto m = static_cast<double>(edges) / 1e6;
  fmt::print("{:<12} {:>6} parts {:>9.1f} M edges/s{:>12}\n", name, parts, m / placing,
             info.degrees != DegreesWanted::none ? fmt::format("   degrees {:.1f} M/s", m / counting) : "");
}

}  // namespace

int main(int argc, char** argv) {
  Session session(argc, argv);
  cxxopts::Options options("placement", "edges per second of placement strategies");
  options.add_options()("graph", "file or generator",
                        cxxopts::value<std::string>()->default_value("rmat:scale=21,edge-factor=16"))(
      "parts", "", cxxopts::value<PartId>()->default_value("32"))(
      "strategies", "", cxxopts::value<std::vector<std::string>>()->default_value("dbh,hdrf,2psl,hep"))(
      "repeats", "the best of so many", cxxopts::value<int>()->default_value("3"));
  const auto given = options.parse(argc, argv);
  parallel::set_threads(1);
  const auto source = open_source(session.communicator(), {.path = given["graph"].as<std::string>()});
  const NumberedEdges input = read_numbered(session.communicator(), *source, true, [](std::string_view) {});
  for (const std::string& name : given["strategies"].as<std::vector<std::string>>())
    measure(session.communicator(), input, name, given["parts"].as<PartId>(), given["repeats"].as<int>());
  return 0;
}
