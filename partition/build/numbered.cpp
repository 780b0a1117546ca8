#include "partition/build/numbered.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <compare>
#include <mutex>
#include <numeric>
#include <optional>

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

// The strings that a source has numbered itself.
VertexIds read_names(Communicator& comm, EdgeSource& source) {
  NameList names;
  comm.agree([&] { names = source.read_names(); });
  std::vector<GlobalId> begins{0};
  for (const std::uint64_t count : comm.all_gather<std::uint64_t>(names.size()))
    begins.push_back(begins.back() + count);
  return VertexIds::named(std::move(begins), std::move(names));
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

template <class T>
std::uint64_t hash_of(const BigArray<T>& values) {
  return XXH3_64bits(values.data(), values.size() * sizeof(T));
}

// Chunks by what is in them, not by which worker was done with which one first: what looks at one edge after the other
// is then the same in every run.
void sort_chunks(std::vector<EdgeChunk>& chunks) {
  struct Ends {
    GlobalId source, target;
    auto operator<=>(const Ends&) const = default;
  };
  struct Key {
    Ends first, last;
    std::size_t size;
    auto operator<=>(const Key&) const = default;
  };
  struct Hash {
    std::uint64_t pairs, weights;
    auto operator<=>(const Hash&) const = default;
  };
  const auto ends_at = [](const EdgeChunk& chunk, std::size_t i) -> Ends {
    if (!chunk.narrow.empty()) return {chunk.narrow[2 * i], chunk.narrow[2 * i + 1]};
    return {chunk.wide[2 * i], chunk.wide[2 * i + 1]};
  };
  std::vector<Key> keys;
  for (const EdgeChunk& chunk : chunks) {
    const std::size_t size = chunk.size();
    keys.push_back(size == 0 ? Key{} : Key{ends_at(chunk, 0), ends_at(chunk, size - 1), size});
  }
  // All of a chunk is looked at only where keys are equal.
  std::vector<std::optional<Hash>> hashes(chunks.size());
  const auto hash = [&](std::size_t c) -> const Hash& {
    const EdgeChunk& chunk = chunks[c];
    if (!hashes[c])
      hashes[c] = {chunk.wide.empty() ? hash_of(chunk.narrow) : hash_of(chunk.wide), hash_of(chunk.weights)};
    return *hashes[c];
  };
  std::vector<std::size_t> order(chunks.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    const auto by_key = keys[a] <=> keys[b];
    return by_key != 0 ? by_key < 0 : a != b && hash(a) < hash(b);
  });
  std::vector<EdgeChunk> sorted;
  for (const std::size_t c : order) sorted.push_back(std::move(chunks[c]));
  chunks = std::move(sorted);
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
  result.ids = source.stores_names() ? read_names(comm, source) : std::move(map).into_vertex_ids(comm);
  if (drop_self_loops_too) result.counts.self_loops_dropped = comm.sum(drop_self_loops(input.edges));
  sort_chunks(input.edges);
  result.edges = std::move(input.edges);
  return result;
}

void refuse_empty(const EdgeSource& source) {
  throw_agreed(InputError(fmt::format("{}: holds neither vertices nor edges", source.describe())));
}

}  // namespace gasket
