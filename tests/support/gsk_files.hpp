#pragma once
// Small .gsk files: written from graphs in memory, read back by any number of ranks, and damaged.

#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <mutex>
#include <span>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "partition/error.hpp"
#include "partition/io/gsk.hpp"
#include "partition/random.hpp"

namespace gasket::test {

namespace fs = std::filesystem;

using GskEdge = std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>;  // the weight as bits

struct GskGraph {
  GskFacts facts;
  std::vector<ExternalId> ids;
  std::vector<EdgeCount> degrees;
  std::vector<std::uint64_t> columns;
  std::vector<double> weights;
};

/// Some graph with empty rows, self loops, repeated arcs and odd weights.
inline GskGraph make_graph(std::uint64_t vertices, std::uint64_t edges, bool directed, bool weighted, bool dense) {
  const RandomStream random(vertices + edges);
  std::vector<GskEdge> arcs;
  for (std::uint64_t i = 0; i < edges; ++i) {
    const std::uint64_t u = random_below(random(3 * i), vertices), v = random_below(random(3 * i + 1), vertices);
    double weight = random_unit(random(3 * i + 2)) * 1e3 - 500;
    if (i == 1) weight = -0.0;
    if (i == 2) weight = std::numeric_limits<double>::denorm_min();
    if (i == 3) weight = std::numeric_limits<double>::infinity();
    const std::uint64_t bits = weighted ? std::bit_cast<std::uint64_t>(weight) : 0;
    arcs.emplace_back(u, v, bits);
    if (!directed && u != v) arcs.emplace_back(v, u, bits);
  }
  std::ranges::stable_sort(arcs, {}, [](const GskEdge& e) { return std::get<0>(e); });
  GskGraph graph;
  graph.facts = {vertices, arcs.size(), directed, weighted, dense};
  graph.degrees.resize(vertices);
  for (const auto& [u, v, bits] : arcs) {
    ++graph.degrees[u];
    graph.columns.push_back(v);
    if (weighted) graph.weights.push_back(std::bit_cast<double>(bits));
  }
  if (!dense)
    for (std::uint64_t v = 0; v < vertices; ++v) graph.ids.push_back(v * v * 1000003 + 17);
  return graph;
}

/// Appends the rows in pieces of `piece` rows.
inline void write_gsk(const GskGraph& graph, const fs::path& path, std::size_t piece = 1000) {
  GskWriter writer(path.string(), graph.facts);
  const std::span<const EdgeCount> degrees(graph.degrees);
  std::size_t arc = 0;
  for (std::size_t row = 0; row < degrees.size(); row += piece) {
    const auto some = degrees.subspan(row, std::min(piece, degrees.size() - row));
    std::size_t arcs = 0;
    for (const EdgeCount degree : some) arcs += degree;
    writer.append_rows(
        some, std::span(graph.columns).subspan(arc, arcs),
        std::span(graph.weights).subspan(graph.weights.empty() ? 0 : arc, graph.weights.empty() ? 0 : arcs));
    arc += arcs;
  }
  for (std::size_t i = 0; i < graph.ids.size(); i += piece)
    writer.append_ids(std::span(graph.ids).subspan(i, std::min(piece, graph.ids.size() - i)));
  writer.finish();
}

/// The edges a reader must deliver, sorted.
inline std::vector<GskEdge> expected_edges(const GskGraph& graph) {
  std::vector<GskEdge> edges;
  std::size_t arc = 0;
  const auto name = [&](std::uint64_t v) { return graph.ids.empty() ? v : graph.ids[v]; };
  for (std::uint64_t u = 0; u < graph.degrees.size(); ++u)
    for (EdgeCount k = 0; k < graph.degrees[u]; ++k, ++arc)
      if (graph.facts.directed || u <= graph.columns[arc])
        edges.emplace_back(name(u), name(graph.columns[arc]),
                           graph.weights.empty() ? 0 : std::bit_cast<std::uint64_t>(graph.weights[arc]));
  std::ranges::sort(edges);
  return edges;
}

struct GskContent {
  std::vector<GskEdge> edges;
  std::vector<ExternalId> ids;
};

/// Sorted, from all ranks together.
inline GskContent read_gsk(const fs::path& path, int ranks = 1) {
  GskContent read;
  std::mutex guard;
  for (int rank = 0; rank < ranks; ++rank) {
    const auto source = open_gsk(path.string(), {rank, ranks});
    source->read_vertices([&](std::span<const ExternalId> ids) {
      const std::lock_guard lock(guard);
      read.ids.insert(read.ids.end(), ids.begin(), ids.end());
    });
    source->read_edges([&](EdgeChunk&& chunk) {
      const std::lock_guard lock(guard);
      chunk.for_each([&](std::uint64_t u, std::uint64_t v, std::size_t i) {
        read.edges.emplace_back(u, v, chunk.weighted() ? std::bit_cast<std::uint64_t>(chunk.weights[i]) : 0);
      });
    });
  }
  std::ranges::sort(read.edges);
  std::ranges::sort(read.ids);
  return read;
}

inline std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

inline void put_bytes(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

/// The path 0 - 1 - ... - n-1 with its rows the other way round.
inline void write_reversed_path(const fs::path& path, std::uint64_t count, bool dense) {
  const GskFacts facts{count, 2 * (count - 1), false, true, dense, true};
  GskWriter writer(path.string(), facts);
  for (std::uint64_t row = 0; row < count; ++row) {
    const std::uint64_t vertex = count - 1 - row;
    writer.append_order(std::span(&vertex, 1));
    std::vector<std::uint64_t> columns;
    std::vector<double> weights;
    for (const std::uint64_t neighbour : {row - 1, row + 1})
      if (neighbour < count) {
        columns.push_back(neighbour);
        weights.push_back(static_cast<double>(std::max(row, neighbour)));
      }
    const EdgeCount degree = columns.size();
    writer.append_rows(std::span(&degree, 1), std::span<const std::uint64_t>(columns), weights);
    const ExternalId id = row * 1000;
    if (!dense) writer.append_ids(std::span(&id, 1));
  }
  writer.finish();
}

// -- Damage --------------------------------------------------------------------------------------------

/// The message of the InputError that reading throws; empty when it throws none.
inline std::string refusal(const fs::path& path) {
  try {
    read_gsk(path);
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

/// Makes a change to a file and puts the checksums right again, so that only the content is wrong.
inline void forge(const fs::path& path, const std::function<void(std::string&)>& change) {
  const std::string good = bytes_of(path);
  const auto number = [&](std::size_t at) {
    std::uint64_t value = 0;
    std::memcpy(&value, good.data() + at, 8);
    return value;
  };
  std::string bytes = good;
  change(bytes);
  const auto put = [&](std::size_t at, std::uint64_t value) { std::memcpy(bytes.data() + at, &value, 8); };
  const std::size_t table = number(168), table_bytes = number(176);
  std::size_t entry = table;
  for (std::size_t section = 0; section < 7; ++section) {
    const std::size_t offset = number(56 + 16 * section), size = number(64 + 16 * section);
    for (std::size_t at = 0; at < size; at += 1 << 20, entry += 8)
      put(entry, XXH3_64bits(bytes.data() + offset + at, std::min<std::size_t>(1 << 20, size - at)));
  }
  put(184, XXH3_64bits(bytes.data() + table, table_bytes));
  put(248, XXH3_64bits(bytes.data(), 248));
  put_bytes(path, bytes);
}

template <class T>
void poke(std::string& bytes, std::size_t at, T value) {
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

}  // namespace gasket::test
