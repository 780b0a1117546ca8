#include "apps/write_graph.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <functional>
#include <numeric>
#include <optional>
#include <utility>

#include "engine/ghost_sync.hpp"
#include "engine/output.hpp"
#include "partition/comm/ordered_stream.hpp"
#include "partition/io/gsk.hpp"
#include "partition/io/reversed_source.hpp"

namespace gasket {
namespace {

constexpr std::size_t kPieceArcs = std::size_t{1} << 18;

// How many cache lines of values a sweep in the input's order reads anew per arc, by a sample of windows of arcs that
// does not depend on the ranks. Collective.
double sample_lines_per_arc(const DistributedGraph& graph) {
  constexpr std::uint64_t kWindows = 8, kWindow = std::uint64_t{1} << 16, kLine = 8;
  Communicator& comm = graph.communicator();
  const Adjacency& rows = graph.by_target();
  const std::vector<EdgeCount> arcs = comm.all_gather(rows.arcs());
  const EdgeCount before = std::accumulate(arcs.begin(), arcs.begin() + comm.rank(), EdgeCount{0});
  std::uint64_t lines = 0, sampled = 0;
  for (std::uint64_t w = 0; w < kWindows; ++w) {
    const EdgeCount begin = graph.arcs() / kWindows * w;
    const EdgeCount end = std::min(begin + kWindow, graph.arcs() / kWindows * (w + 1));
    BigArray<std::uint64_t> touched(graph.vertices() / kLine / 64 + 1);
    for (EdgeCount i = std::max(begin, before); i < std::min(end, before + rows.arcs()); ++i) {
      const GlobalId line = graph.global_id(rows.neighbours[i - before]) / kLine;
      touched[line / 64] |= std::uint64_t{1} << line % 64;
    }
    comm.all_reduce_in_place(touched.span(), std::bit_or<std::uint64_t>());
    for (const std::uint64_t word : touched) lines += static_cast<std::uint64_t>(std::popcount(word));
    sampled += end - begin;
  }
  return sampled == 0 ? 0 : static_cast<double>(lines) / static_cast<double>(sampled);
}

// Degree order pays where some vertices are read much more often than others, and the input's order does not keep
// together what is read together. Collective.
bool wants_degree_order(const DistributedGraph& graph, VertexOrder wanted) {
  if (wanted != VertexOrder::automatic) return wanted == VertexOrder::degree;
  constexpr double kFarLines = 0.25;
  constexpr EdgeCount kSkew = 8;
  const auto longest = graph.communicator().max<std::uint64_t>(graph.by_target().offsets.longest());
  return longest * graph.vertices() > kSkew * graph.arcs() && sample_lines_per_arc(graph) > kFarLines;
}

// Where each vertex of this rank has its row in the file. The file's rows come in turns: in each, rank 0's come first.
class FileOrder {
 public:
  /// Collective.
  FileOrder(const DistributedGraph& graph, bool by_degree) : positions_(graph.locals()) {
    turns_.resize(by_degree ? kDegreeGroups : 1);
    for (LocalId v = 0; v < graph.masters(); ++v) {
      const std::uint32_t degree = graph.directed() ? graph.in_degree(v) + graph.out_degree(v) : graph.in_degree(v);
      turns_[by_degree ? degree_group(degree) : 0].push_back(v);
    }
    place_masters(graph.communicator());
    ask_for_ghosts(graph);
  }

  const std::vector<std::vector<LocalId>>& turns() const { return turns_; }
  GlobalId position(LocalId v) const { return positions_[v]; }

 private:
  void place_masters(Communicator& comm) {
    GlobalId next = 0;
    for (const std::vector<LocalId>& turn : turns_) {
      const std::vector<GlobalId> counts = comm.all_gather<GlobalId>(turn.size());
      GlobalId mine = std::accumulate(counts.begin(), counts.begin() + comm.rank(), next);
      for (const LocalId v : turn) positions_[v] = mine++;
      next = std::accumulate(counts.begin(), counts.end(), next);
    }
  }
  void ask_for_ghosts(const DistributedGraph& graph) {
    GhostSync<GlobalId>(graph.communicator(), graph.ghost_plan(), Tag::broadcast).broadcast_all(Flow::both, positions_);
  }

  BigArray<GlobalId> positions_;
  std::vector<std::vector<LocalId>> turns_;
};

// Walks some of this rank's rows; neighbours ascend by where they are in the file.
class RowReader {
 public:
  RowReader(const DistributedGraph& graph, const FileOrder& order, std::span<const LocalId> rows)
      : graph_(graph), order_(order), masters_(rows) {}

  bool done() const { return row_ == masters_.size(); }
  struct Arc {
    LocalId neighbour;
    double weight;
  };
  /// The next row: its vertex, and its arcs until the next call.
  LocalId next() {
    const Adjacency& rows = graph_.by_target();
    const LocalId v = masters_[row_++];
    arcs_.clear();
    for (EdgeCount i = rows.offsets[v]; i < rows.offsets[v + 1]; ++i)
      arcs_.push_back({rows.neighbours[i], rows.weights.empty() ? 0.0 : rows.weights[i]});
    std::ranges::stable_sort(arcs_, {}, [&](const Arc& arc) { return order_.position(arc.neighbour); });
    return v;
  }
  std::span<const Arc> arcs() const { return arcs_; }
  GlobalId position(const Arc& arc) const { return order_.position(arc.neighbour); }

 private:
  const DistributedGraph& graph_;
  const FileOrder& order_;
  std::span<const LocalId> masters_;
  std::size_t row_ = 0;
  std::vector<Arc> arcs_;
};

// An id as an edge list has it: in quotes where it would begin a comment.
void append_id(fmt::memory_buffer& text, const IdTexts& ids, std::size_t i) {
  const std::size_t begin = text.size();
  ids.append(text, i);
  const std::string_view id(text.data() + begin, text.size() - begin);
  if (!id.starts_with('#') && !id.starts_with('%') && !id.starts_with("//")) return;
  const std::string quoted = fmt::format("\"{}\"", id);
  text.resize(begin);
  text.append(quoted);
}

void write_text(const DistributedGraph& graph, const std::string& path) {
  Communicator& comm = graph.communicator();
  const IdTexts ids = graph.ids().texts(comm, graph.global_ids());
  const FileOrder order(graph, false);
  RowReader rows(graph, order, order.turns().front());
  detail::write_in_rank_order(comm, path, [&](fmt::memory_buffer& text) {
    for (std::size_t arcs = 0; !rows.done() && arcs < kPieceArcs;) {
      const LocalId v = rows.next();
      arcs += 1 + rows.arcs().size();
      for (const RowReader::Arc& arc : rows.arcs()) {
        // Of the two arcs of an undirected edge one is written.
        if (!graph.directed() && graph.global_id(arc.neighbour) < graph.global_id(v)) continue;
        append_id(text, ids, v);
        text.push_back(' ');
        append_id(text, ids, arc.neighbour);
        if (graph.weighted()) fmt::format_to(fmt::appender(text), " {}", arc.weight);
        text.push_back('\n');
      }
    }
    return !rows.done();
  });
}

// Rows as bytes between ranks: rows and arcs of the piece, then degrees, columns, weights.
template <class T>
void put(fmt::memory_buffer& piece, const std::vector<T>& values) {
  const char* bytes = reinterpret_cast<const char*>(values.data());
  piece.append(bytes, bytes + values.size() * sizeof(T));
}

template <class T>
std::vector<T> take(std::span<const char>& piece, std::size_t count) {
  std::vector<T> values(count);
  std::memcpy(values.data(), piece.data(), count * sizeof(T));
  piece = piece.subspan(count * sizeof(T));
  return values;
}

// number_at(i) for i in 0 .. count-1 of every rank, in rank order: take(numbers) on rank 0.
template <class NumberAt, class Take>
void stream_numbers(Communicator& comm, std::size_t count, const NumberAt& number_at, const Take& take_some) {
  std::size_t i = 0;
  stream_to_root(
      comm,
      [&](fmt::memory_buffer& piece) {
        std::vector<std::uint64_t> numbers;
        for (; i < count && numbers.size() < kPieceArcs; ++i) numbers.push_back(number_at(i));
        put(piece, numbers);
        return i < count;
      },
      [&](std::span<const char> piece) {
        take_some(take<std::uint64_t>(piece, piece.size() / sizeof(std::uint64_t)));
      });
}

// The names of all vertices, in order, to rank 0's writer.
void stream_names(Communicator& comm, const NameList& held, std::optional<GskWriter>& writer) {
  constexpr std::size_t kPieceBytes = std::size_t{1} << 20;
  std::size_t i = 0;
  stream_to_root(
      comm,
      [&](fmt::memory_buffer& piece) {
        std::vector<std::uint64_t> lengths;
        std::size_t bytes = 0;
        const std::size_t first = i;
        for (; i < held.size() && bytes < kPieceBytes; ++i) {
          lengths.push_back(held.length(i));
          bytes += lengths.back() + sizeof(std::uint64_t);
        }
        put(piece, std::vector<std::uint64_t>{lengths.size()});
        put(piece, lengths);
        for (std::size_t k = first; k < i; ++k) piece.append(held[k]);
        return i < held.size();
      },
      [&](std::span<const char> piece) {
        const auto count = take<std::uint64_t>(piece, 1)[0];
        const auto lengths = take<std::uint64_t>(piece, count);
        writer->append_names(NameList(lengths, BigArray<char>(piece)));
      });
}

void stream_rows(const DistributedGraph& graph, RowReader rows, std::optional<GskWriter>& writer) {
  stream_to_root(
      graph.communicator(),
      [&](fmt::memory_buffer& piece) {
        std::vector<std::uint64_t> head(2), degrees, columns;
        std::vector<double> weights;
        while (!rows.done() && columns.size() + degrees.size() < kPieceArcs) {
          rows.next();
          degrees.push_back(rows.arcs().size());
          for (const RowReader::Arc& arc : rows.arcs()) {
            columns.push_back(rows.position(arc));
            if (graph.weighted()) weights.push_back(arc.weight);
          }
        }
        head = {degrees.size(), columns.size()};
        put(piece, head);
        put(piece, degrees);
        put(piece, columns);
        put(piece, weights);
        return !rows.done();
      },
      [&](std::span<const char> piece) {
        const auto head = take<std::uint64_t>(piece, 2);
        const auto degrees = take<std::uint64_t>(piece, head[0]);
        const auto columns = take<std::uint64_t>(piece, head[1]);
        const auto weights = take<double>(piece, graph.weighted() ? head[1] : 0);
        writer->append_rows(degrees, columns, weights);
      });
}

void write_gsk(const DistributedGraph& graph, VertexOrder wanted, const std::string& path) {
  Communicator& comm = graph.communicator();
  const bool by_degree = wants_degree_order(graph, wanted);
  const FileOrder order(graph, by_degree);
  const NameList& names = graph.ids().held_names();
  const std::uint64_t name_bytes = comm.sum<std::uint64_t>(names.bytes().size());
  std::optional<GskWriter> writer;  // rank 0's
  comm.agree([&] {
    if (comm.rank() == 0)
      writer.emplace(path, GskFacts{.vertices = graph.vertices(),
                                    .arcs = graph.arcs(),
                                    .directed = graph.directed(),
                                    .weighted = graph.weighted(),
                                    .dense_ids = graph.ids().is_dense(),
                                    .by_degree = by_degree,
                                    .named = graph.ids().are_names(),
                                    .name_bytes = name_bytes});
  });
  if (!graph.ids().is_dense())
    stream_numbers(
        comm, graph.masters(), [&](std::size_t v) { return graph.external_id(static_cast<LocalId>(v)); },
        [&](const auto& ids) { writer->append_ids(ids); });
  if (graph.ids().are_names()) stream_names(comm, names, writer);
  for (const std::vector<LocalId>& turn : order.turns()) {
    if (by_degree)
      stream_numbers(
          comm, turn.size(), [&](std::size_t i) { return graph.global_id(turn[i]); },
          [&](const auto& vertices) { writer->append_order(vertices); });
    stream_rows(graph, RowReader(graph, order, turn), writer);
  }
  comm.agree([&] {
    if (writer) writer->finish();
  });
}

}  // namespace

WrittenGraph write_graph(Session& session, EdgeSource& source, LoadOptions options, const std::string& path,
                         Progress& progress) {
  // Ranges of vertices in rank order, each with all its out-edges: in-edges of the reversed graph under an in-edge cut.
  ReversedSource reversed(source);
  options.placement = "contiguous";
  const VertexOrder order = std::exchange(options.order, VertexOrder::input);
  options.need = {.by_target = true, .by_source = false};
  options.on_stage = [&](std::string_view stage) { progress.stage(stage); };
  const DistributedGraph graph = load_graph(session.communicator(), reversed, options);
  progress.stage(fmt::format("writing {}", path));
  if (path.ends_with(".gsk"))
    write_gsk(graph, order, path);
  else
    write_text(graph, path);
  progress.finish();
  std::uint64_t isolated = 0;
  for (LocalId v = 0; v < graph.masters(); ++v) isolated += graph.in_degree(v) == 0 && graph.out_degree(v) == 0;
  return {graph.vertices(), graph.edges(), session.communicator().sum(isolated), graph.counts(), graph.directed()};
}

}  // namespace gasket
