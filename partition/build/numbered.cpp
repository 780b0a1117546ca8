#include "partition/build/numbered.hpp"

#include <fmt/format.h>

#include <mutex>

#include "partition/graph/id_map.hpp"
#include "partition/parallel.hpp"

namespace gasket {
namespace {

struct RawInput {
  std::vector<EdgeChunk> edges;
  std::vector<BigArray<ExternalId>> vertices;
};

RawInput read_share(Communicator& comm, EdgeSource& source) {
  RawInput input;
  std::mutex guard;
  const auto read_vertices = [&] {
    source.read_vertices([&](std::span<const ExternalId> ids) {
      BigArray<ExternalId> copy{ids};
      const std::lock_guard lock(guard);
      input.vertices.push_back(std::move(copy));
    });
  };
  source.prepare(comm);
  comm.agree([&] {
    if (source.lists_vertices()) read_vertices();
    source.read_edges([&](EdgeChunk&& chunk) {
      if (chunk.size() == 0) return;
      const std::lock_guard lock(guard);
      input.edges.push_back(std::move(chunk));
    });
    if (source.names_lone_vertices()) read_vertices();
  });
  source.check_read(comm);
  return input;
}

IdMap number_vertices(Communicator& comm, EdgeSource& source, const RawInput& input) {
  if (NameTable* const names = source.names()) return IdMap::of_names(comm, *names);
  if (const auto count = source.vertex_count())
    return IdMap::fixed(comm, source.first_id(), *count, input.edges, source.describe());
  return IdMap::discover(comm, input.edges, input.vertices, source.lists_vertices(), source.describe());
}

EdgeCount count_edges(const std::vector<EdgeChunk>& chunks) {
  EdgeCount edges = 0;
  for (const EdgeChunk& chunk : chunks) edges += chunk.size();
  return edges;
}

// Takes the self loops out; returns how many they were.
EdgeCount drop_self_loops(std::vector<EdgeChunk>& chunks) {
  const auto thin = [](auto& pairs, BigArray<double>& weights) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < pairs.size() / 2; ++i) {
      if (pairs[2 * i] == pairs[2 * i + 1]) continue;
      pairs[2 * kept] = pairs[2 * i];
      pairs[2 * kept + 1] = pairs[2 * i + 1];
      if (!weights.empty()) weights[kept] = weights[i];
      ++kept;
    }
    const EdgeCount dropped = pairs.size() / 2 - kept;
    pairs.shrink(2 * kept);
    if (!weights.empty()) weights.shrink(kept);
    return dropped;
  };
  return parallel::reduce_ranges<EdgeCount>(
      chunks.size(), 1, 0,
      [&](std::size_t i, std::size_t) {
        EdgeChunk& chunk = chunks[i];
        return chunk.wide.empty() ? thin(chunk.narrow, chunk.weights) : thin(chunk.wide, chunk.weights);
      },
      std::plus<EdgeCount>());
}

}  // namespace

NumberedEdges read_numbered(Communicator& comm, EdgeSource& source, bool drop_self_loops_too,
                            const std::function<void(std::string_view)>& stage) {
  stage("reading edges");
  RawInput input = read_share(comm, source);
  NumberedEdges result;
  result.counts.edges_read = comm.sum(count_edges(input.edges));

  stage("numbering vertices");
  IdMap map = number_vertices(comm, source, input);
  input.vertices.clear();
  result.vertices = map.vertices();
  if (result.vertices == 0) refuse_empty(source);
  parallel::for_each_index(input.edges.size(), [&](std::size_t i) { map.translate(input.edges[i]); });
  result.narrow = map.narrow();
  result.ids = std::move(map).into_vertex_ids(comm);
  if (drop_self_loops_too) result.counts.self_loops_dropped = comm.sum(drop_self_loops(input.edges));
  result.edges = std::move(input.edges);
  return result;
}

void refuse_empty(const EdgeSource& source) {
  throw_agreed(InputError(fmt::format("{}: holds no edges", source.describe())));
}

}  // namespace gasket
