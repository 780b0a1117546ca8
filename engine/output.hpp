#pragma once
// Results to a file: one line per vertex, `id value`, ids as the input wrote them, in ascending order. The file has its
// final name only when it is whole.

#include <fmt/format.h>

#include <functional>
#include <string>

#include "partition/comm/exchange.hpp"
#include "partition/graph/distributed_graph.hpp"

namespace gasket {

namespace detail {

/// Writes the text that all ranks produce, rank 0's first, to `path` (.gz and .zst compress). next(text) appends a
/// piece to `text` and returns false when there is no more. Collective. Throws the error of the file, agreed.
void write_in_rank_order(Communicator& comm, const std::string& path,
                         const std::function<bool(fmt::memory_buffer&)>& next);

}  // namespace detail

/// Values of consecutive vertices, ascending.
template <class T>
struct ValueSlice {
  GlobalId first = 0;
  BigArray<T> values;
};

/// Redistributes the masters' values into slices by global id, one per rank. Collective. O(masters) memory.
template <class T>
ValueSlice<T> slice_by_id(const DistributedGraph& graph, const BigArray<T>& values) {
  struct Item {
    GlobalId vertex;
    T value;
  };
  Communicator& comm = graph.communicator();
  std::vector<GlobalId> ends;
  for (int r = 0; r < comm.size(); ++r) ends.push_back(comm.slice(graph.vertices(), r + 1));
  const auto owner = [&](LocalId v) {
    return static_cast<std::size_t>(std::ranges::upper_bound(ends, graph.global_id(v)) - ends.begin());
  };
  std::vector<std::size_t> counts(ends.size());
  for (LocalId v = 0; v < graph.masters(); ++v) ++counts[owner(v)];
  std::vector<BigArray<Item>> outgoing;
  for (std::size_t& count : counts) outgoing.emplace_back(std::exchange(count, 0));
  for (LocalId v = 0; v < graph.masters(); ++v) {
    const std::size_t to = owner(v);
    outgoing[to][counts[to]++] = {graph.global_id(v), values[v]};
  }
  ValueSlice<T> slice{comm.slice(graph.vertices(), comm.rank()), {}};
  slice.values = BigArray<T>(comm.slice(graph.vertices(), comm.rank() + 1) - slice.first);
  for (const BigArray<Item>& bucket : exchange(comm, std::move(outgoing)))
    for (const Item& item : bucket) slice.values[item.vertex - slice.first] = item.value;
  return slice;
}

namespace detail {

/// Writes a line per vertex of the slices; append(buffer, i) appends the text of the slice's i-th value. Collective.
template <class T, class Append>
void write_slice(const DistributedGraph& graph, const ValueSlice<T>& slice, const std::string& path,
                 const Append& append) {
  constexpr std::size_t kLines = std::size_t{1} << 17;
  Communicator& comm = graph.communicator();
  BigArray<GlobalId> vertices(slice.values.size());
  for (std::size_t i = 0; i < vertices.size(); ++i) vertices[i] = slice.first + i;
  const IdTexts ids = graph.ids().texts(comm, vertices.span());
  std::size_t line = 0;
  detail::write_in_rank_order(comm, path, [&](fmt::memory_buffer& text) {
    const std::size_t end = std::min(ids.size(), line + kLines);
    for (; line < end; ++line) {
      ids.append(text, line);
      text.push_back(' ');
      append(text, line);
      text.push_back('\n');
    }
    return line < ids.size();
  });
}

}  // namespace detail

/// Writes `id value` lines. append(buffer, value) appends the text of a value. Collective.
template <class T, class Append>
void write_values(const DistributedGraph& graph, const BigArray<T>& values, const std::string& path,
                  const Append& append) {
  const ValueSlice<T> slice = slice_by_id(graph, values);
  detail::write_slice(graph, slice, path,
                      [&](fmt::memory_buffer& text, std::size_t i) { append(text, slice.values[i]); });
}
/// The same where the values are vertices, by global id: `id id` lines.
inline void write_vertices(const DistributedGraph& graph, const BigArray<GlobalId>& values, const std::string& path) {
  const ValueSlice<GlobalId> slice = slice_by_id(graph, values);
  const IdTexts texts = graph.ids().texts(graph.communicator(), slice.values.span());
  detail::write_slice(graph, slice, path, [&](fmt::memory_buffer& text, std::size_t i) { texts.append(text, i); });
}
template <class T>
void write_values(const DistributedGraph& graph, const BigArray<T>& values, const std::string& path) {
  write_values(graph, values, path,
               [](fmt::memory_buffer& text, const T& value) { fmt::format_to(fmt::appender(text), "{}", value); });
}

/// A vertex and its value, for lists of the first few. Of a vertex called by a string, `id` is its global id.
template <class T>
struct Ranked {
  ExternalId id = 0;
  T value{};
};

/// The `count` masters of all ranks that come first under before(value, value), ties by smaller id; the same list on
/// every rank. Only those for which wanted(value) holds. Collective.
template <class T, class Before, class Wanted>
std::vector<Ranked<T>> top_values(const DistributedGraph& graph, const BigArray<T>& values, std::size_t count,
                                  const Before& before, const Wanted& wanted) {
  struct Item {
    GlobalId vertex;
    T value;
  };
  const auto first = [&](const Item& a, const Item& b) {
    if (before(a.value, b.value)) return true;
    return !before(b.value, a.value) && a.vertex < b.vertex;
  };
  // A heap of the best so far, the worst of them on top.
  std::vector<Item> best;
  for (LocalId v = 0; v < graph.masters(); ++v) {
    if (!wanted(values[v])) continue;
    const Item item{graph.global_id(v), values[v]};
    if (best.size() == count) {
      if (count == 0 || !first(item, best.front())) continue;
      std::ranges::pop_heap(best, first);
      best.pop_back();
    }
    best.push_back(item);
    std::ranges::push_heap(best, first);
  }
  Communicator& comm = graph.communicator();
  best = comm.all_gather_spans(std::span<const Item>(best));
  std::ranges::sort(best, first);
  if (best.size() > count) best.resize(count);
  std::vector<GlobalId> vertices;
  for (const Item& item : best) vertices.push_back(item.vertex);
  const BigArray<ExternalId> ids = graph.ids().external(comm, vertices);
  std::vector<Ranked<T>> ranked;
  for (std::size_t i = 0; i < best.size(); ++i) ranked.push_back({ids[i], best[i].value});
  return ranked;
}

}  // namespace gasket
