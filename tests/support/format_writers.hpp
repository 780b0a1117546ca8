#pragma once
// A small graph in every format that can be read, written the plain way.

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace gasket::test {

struct WrittenEdge {
  std::uint64_t source, target;  // 1 .. n
  std::int32_t weight;

  auto operator<=>(const WrittenEdge&) const = default;
};

struct WrittenGraph {
  std::uint64_t vertices = 0;
  std::vector<WrittenEdge> edges;
};

inline std::string edge_list(const WrittenGraph& graph, const std::string& separator, bool weights,
                             const std::string& before = "") {
  std::string text;
  for (const WrittenEdge& e : graph.edges) {
    text += before + std::to_string(e.source) + separator + std::to_string(e.target);
    if (weights) text += separator + std::to_string(e.weight);
    text += '\n';
  }
  return text;
}

inline std::string matrix_market(const WrittenGraph& graph, const std::string& field, const std::string& symmetry) {
  std::string text = fmt::format("%%MatrixMarket matrix coordinate {} {}\n% made by a test\n\n{} {} {}\n", field,
                                 symmetry, graph.vertices, graph.vertices, graph.edges.size());
  for (const WrittenEdge& e : graph.edges) {
    const bool swap = symmetry != "general" && e.source < e.target;
    text += fmt::format("{} {}", swap ? e.target : e.source, swap ? e.source : e.target);
    text += field == "pattern" ? "\n" : fmt::format(" {}\n", e.weight);
  }
  return text;
}

inline std::string dimacs(const WrittenGraph& graph) {
  return fmt::format("c made by a test\nc\np sp {} {}\nc arcs\n", graph.vertices, graph.edges.size()) +
         edge_list(graph, " ", true, "a ");
}

/// `format`: the digits of FMT, or none; vertex weights are as many as `constraints`.
inline std::string metis(const WrittenGraph& graph, const std::string& format, int constraints = 0) {
  std::map<std::uint64_t, std::vector<std::pair<std::uint64_t, std::int32_t>>> rows;
  std::size_t loops = 0;
  for (const WrittenEdge& e : graph.edges) {
    rows[e.source].emplace_back(e.target, e.weight);
    if (e.source != e.target) rows[e.target].emplace_back(e.source, e.weight);
    loops += e.source == e.target;
  }
  std::string text = fmt::format("% made by a test\n{} {} {}", graph.vertices, graph.edges.size(), format);
  text += constraints > 1 ? fmt::format(" {}\n", constraints) : "\n";
  const bool sizes = format.size() == 3 && format[0] == '1', weights = !format.empty() && format.back() == '1';
  for (std::uint64_t v = 1; v <= graph.vertices; ++v) {
    if (v % 5 == 0) text += "% between\n";
    std::string line = sizes ? "7" : "";
    for (int c = 0; c < constraints; ++c) line += (line.empty() ? "" : " ") + std::to_string(v + 100);
    for (const auto& [other, weight] : rows[v]) {
      line += (line.empty() ? "" : " ") + std::to_string(other);
      if (weights) line += fmt::format(" {}", weight);
    }
    text += line + "\n";
  }
  return text;
}

inline std::string adjacency_list(const WrittenGraph& graph, bool colon) {
  std::map<std::uint64_t, std::vector<std::uint64_t>> rows;
  for (const WrittenEdge& e : graph.edges) rows[e.source].push_back(e.target);
  std::string text = "# made by a test\n";
  for (std::uint64_t v = 1; v <= graph.vertices; ++v) {
    text += std::to_string(v) + (colon ? ":" : "");
    for (const std::uint64_t other : rows[v]) text += " " + std::to_string(other);
    text += "\n";
  }
  return text;
}

template <class T>
void put(std::string& bytes, T value) {
  char raw[sizeof value];
  std::memcpy(raw, &value, sizeof value);
  bytes.append(raw, sizeof raw);
}

/// Vertex v is called v - 1.
inline std::string gapbs(const WrittenGraph& graph, bool directed, bool weights) {
  const auto rows_of = [&](bool out) {
    std::vector<std::vector<std::pair<std::int32_t, std::int32_t>>> rows(graph.vertices);
    const auto add = [&](std::uint64_t u, std::uint64_t v, std::int32_t weight) {
      rows[u - 1].emplace_back(static_cast<std::int32_t>(v - 1), weight);
    };
    for (const WrittenEdge& e : graph.edges) {
      if (out || !directed) add(e.source, e.target, e.weight);
      if ((!out || !directed) && (directed || e.source != e.target)) add(e.target, e.source, e.weight);
    }
    for (auto& row : rows) std::sort(row.begin(), row.end());
    return rows;
  };
  std::string bytes;
  const auto write = [&](bool out) {
    const auto rows = rows_of(out);
    std::int64_t offset = 0;
    for (const auto& row : rows) {
      put(bytes, offset);
      offset += static_cast<std::int64_t>(row.size());
    }
    put(bytes, offset);
    for (const auto& row : rows)
      for (const auto& [target, weight] : row) {
        put(bytes, target);
        if (weights) put(bytes, weight);
      }
    return offset;
  };
  const std::int64_t arcs = write(true);
  if (directed) write(false);
  std::string header;
  put(header, directed);
  put(header, arcs);
  put(header, static_cast<std::int64_t>(graph.vertices));
  return header + bytes;
}

template <class Id, class Weight>
std::string pairs(const WrittenGraph& graph, bool weights) {
  std::string bytes;
  for (const WrittenEdge& e : graph.edges) {
    put(bytes, static_cast<Id>(e.source));
    put(bytes, static_cast<Id>(e.target));
    if (weights) put(bytes, static_cast<Weight>(e.weight));
  }
  return bytes;
}

}  // namespace gasket::test
