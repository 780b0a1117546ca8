// METIS (Karypis, Kumar: A Fast and High Quality Multilevel Scheme for Partitioning Irregular Graphs, SISC 1998), by its
// library: multilevel k-way, edge cut as objective, a vertex weighing its in-edges + 1, seed as given. On rank 0 alone,
// in its memory: about 60 bytes per edge. Parallel edges become one of higher weight. An in-edge cut.

#include <fmt/format.h>
#include <metis.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "partition/place/owned_vertices.hpp"
#include "partition/place/part_shares.hpp"
#include "partition/place/strategies.hpp"
#include "partition/place/vertex_rows.hpp"

namespace gasket {
namespace {

struct MetisGraph {
  std::vector<idx_t> offsets{0};
  std::vector<idx_t> neighbours;
  std::vector<idx_t> times;  // how often an edge is there
  std::vector<idx_t> work;
};

MetisGraph make_graph(const VertexRows& rows, std::span<const std::uint32_t> in_degrees) {
  MetisGraph graph;
  std::vector<std::uint32_t> row;
  for (GlobalId v = rows.begin; v < rows.end; ++v) {
    row.assign(rows.of(v).begin(), rows.of(v).end());
    std::erase(row, static_cast<std::uint32_t>(v));
    std::ranges::sort(row);
    for (std::size_t i = 0; i < row.size();) {
      std::size_t next = i;
      while (next < row.size() && row[next] == row[i]) ++next;
      graph.neighbours.push_back(static_cast<idx_t>(row[i]));
      graph.times.push_back(static_cast<idx_t>(next - i));
      i = next;
    }
    graph.offsets.push_back(static_cast<idx_t>(graph.neighbours.size()));
    graph.work.push_back(static_cast<idx_t>(in_degrees[v] + 1));
  }
  return graph;
}

// Into at most as many parts as there are vertices: of more the library complains on standard output.
std::vector<std::uint16_t> partition(const PlacementInput& input, const VertexRows& rows) {
  constexpr std::uint64_t most = std::numeric_limits<idx_t>::max();
  // Vertices weigh their in-edges + 1, which are at most as many as the rows have arcs, and loops.
  const std::uint64_t work = std::accumulate(input.degrees.begin(), input.degrees.end(), std::uint64_t{input.vertices});
  if (std::max<std::uint64_t>(rows.neighbours.size(), work) > most)
    throw ResourceError(
        fmt::format("--placement metis: the METIS library here takes at most {} arcs; choose hep", most));
  MetisGraph graph = make_graph(rows, input.degrees);
  auto vertices = static_cast<idx_t>(input.vertices),
       parts = static_cast<idx_t>(std::min<GlobalId>(input.parts, input.vertices));
  idx_t constraints = 1, cut = 0;
  idx_t options[METIS_NOPTIONS];
  METIS_SetDefaultOptions(options);
  options[METIS_OPTION_SEED] = static_cast<idx_t>(input.seed % most);
  std::vector<idx_t> part(input.vertices);
  // A part's share of the work; none when all are equal.
  const PartShares shares(input.parts, input.weights);
  std::vector<real_t> targets;
  const auto used = static_cast<PartId>(parts);
  double sum = 0;
  for (PartId q = 0; q < used; ++q) sum += shares[q];
  for (PartId q = 0; q < used && !shares.equal(); ++q) targets.push_back(static_cast<real_t>(shares[q] / sum));
  const int code = METIS_PartGraphKway(&vertices, &constraints, graph.offsets.data(), graph.neighbours.data(),
                                       graph.work.data(), nullptr, graph.times.data(), &parts,
                                       targets.empty() ? nullptr : targets.data(), nullptr, options, &cut, part.data());
  if (code == METIS_ERROR_MEMORY) throw ResourceError("--placement metis: not enough memory");
  if (code != METIS_OK) throw Error(ExitCode::failure, fmt::format("the METIS library fails with code {}", code));
  return {part.begin(), part.end()};
}

}  // namespace

std::unique_ptr<Placement> make_metis_placement(const PlacementInput& input) {
  const VertexRows rows = gather_rows(input, Neighbours::both, Slices::first_rank);
  std::vector<std::uint16_t> owners;
  input.comm->agree([&] {
    if (input.comm->rank() == 0 && input.parts > 1 && input.vertices > 1) owners = partition(input, rows);
  });
  owners.resize(input.comm->rank() == 0 ? input.vertices : 0);
  input.comm->broadcast(owners, 0);
  return std::make_unique<OwnedVertices>(BigArray<std::uint16_t>(std::span<const std::uint16_t>(owners)));
}

}  // namespace gasket
