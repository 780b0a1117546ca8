#include "apps/write_graph.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "apps/load.hpp"
#include "engine/output.hpp"
#include "partition/comm/ordered_stream.hpp"
#include "partition/io/gsk.hpp"
#include "partition/io/reversed_source.hpp"

namespace gasket {
namespace {

constexpr std::size_t kPieceArcs = std::size_t{1} << 18;

// Walks this rank's rows; neighbours ascend by global id.
class RowReader {
 public:
  explicit RowReader(const DistributedGraph& graph) : graph_(graph) {}

  bool done() const { return row_ == graph_.masters(); }
  struct Arc {
    LocalId neighbour;
    double weight;
  };
  /// The next row: its vertex, and its arcs until the next call.
  LocalId next() {
    const Adjacency& rows = graph_.by_target();
    arcs_.clear();
    for (EdgeCount i = rows.offsets[row_]; i < rows.offsets[row_ + 1]; ++i)
      arcs_.push_back({rows.neighbours[i], rows.weights.empty() ? 0.0 : rows.weights[i]});
    std::ranges::stable_sort(arcs_, {}, [&](const Arc& arc) { return graph_.global_id(arc.neighbour); });
    return row_++;
  }
  std::span<const Arc> arcs() const { return arcs_; }

 private:
  const DistributedGraph& graph_;
  LocalId row_ = 0;
  std::vector<Arc> arcs_;
};

void write_text(const DistributedGraph& graph, const std::string& path) {
  Communicator& comm = graph.communicator();
  const BigArray<ExternalId> ids = graph.ids().external(comm, graph.global_ids());
  RowReader rows(graph);
  detail::write_in_rank_order(comm, path, [&](fmt::memory_buffer& text) {
    for (std::size_t arcs = 0; !rows.done() && arcs < kPieceArcs;) {
      const LocalId v = rows.next();
      arcs += 1 + rows.arcs().size();
      for (const RowReader::Arc& arc : rows.arcs()) {
        // Of the two arcs of an undirected edge one is written.
        if (!graph.directed() && graph.global_id(arc.neighbour) < graph.global_id(v)) continue;
        fmt::format_to(fmt::appender(text), "{} {}", ids[v], ids[arc.neighbour]);
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

void write_gsk(const DistributedGraph& graph, const std::string& path) {
  Communicator& comm = graph.communicator();
  std::optional<GskWriter> writer;
  comm.agree([&] {
    if (comm.rank() == 0)
      writer.emplace(path, GskFacts{.vertices = graph.vertices(),
                                    .arcs = graph.arcs(),
                                    .directed = graph.directed(),
                                    .weighted = graph.weighted(),
                                    .dense_ids = graph.ids().is_dense()});
  });
  if (!graph.ids().is_dense()) {
    LocalId v = 0;
    stream_to_root(
        comm,
        [&](fmt::memory_buffer& piece) {
          std::vector<ExternalId> ids;
          for (; v < graph.masters() && ids.size() < kPieceArcs; ++v) ids.push_back(graph.external_id(v));
          put(piece, ids);
          return v < graph.masters();
        },
        [&](std::span<const char> piece) {
          writer->append_ids(take<ExternalId>(piece, piece.size() / sizeof(ExternalId)));
        });
  }
  RowReader rows(graph);
  stream_to_root(
      comm,
      [&](fmt::memory_buffer& piece) {
        std::vector<std::uint64_t> head(2), degrees, columns;
        std::vector<double> weights;
        while (!rows.done() && columns.size() + degrees.size() < kPieceArcs) {
          rows.next();
          degrees.push_back(rows.arcs().size());
          for (const RowReader::Arc& arc : rows.arcs()) {
            columns.push_back(graph.global_id(arc.neighbour));
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
  comm.agree([&] {
    if (writer) writer->finish();
  });
}

}  // namespace

WrittenGraph write_graph(Session& session, EdgeSource& source, LoadOptions options, const std::string& path,
                         Progress& progress) {
  refuse_what_cannot_fit(session, source, options.undirected);
  // Ranges of vertices in rank order, each with all its out-edges: in-edges of the reversed graph under an in-edge cut.
  ReversedSource reversed(source);
  options.placement = "contiguous";
  options.order = VertexOrder::input;
  options.need = {.by_target = true, .by_source = false};
  options.on_stage = [&](std::string_view stage) { progress.stage(stage); };
  const DistributedGraph graph = load_graph(session.communicator(), reversed, options);
  progress.stage(fmt::format("writing {}", path));
  if (path.ends_with(".gsk"))
    write_gsk(graph, path);
  else
    write_text(graph, path);
  progress.finish();
  std::uint64_t isolated = 0;
  for (LocalId v = 0; v < graph.masters(); ++v) isolated += graph.in_degree(v) == 0 && graph.out_degree(v) == 0;
  return {graph.vertices(), graph.edges(), session.communicator().sum(isolated), graph.counts(), graph.directed()};
}

}  // namespace gasket
