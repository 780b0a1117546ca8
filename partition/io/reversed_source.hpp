#pragma once
// A source with every edge turned round: loading it sorts rows by what was the source.

#include <utility>

#include "partition/io/edge_source.hpp"

namespace gasket {

class ReversedSource final : public EdgeSource {
 public:
  /// The source must outlive this view of it.
  explicit ReversedSource(EdgeSource& source) : source_(source) {}

  std::string describe() const override { return source_.describe(); }
  bool weighted() const override { return source_.weighted(); }
  std::optional<bool> directed() const override { return source_.directed(); }
  std::optional<std::uint64_t> vertex_count() const override { return source_.vertex_count(); }
  ExternalId first_id() const override { return source_.first_id(); }
  std::string said() const override { return source_.said(); }
  std::optional<EdgeCount> edge_count() const override { return source_.edge_count(); }
  SourceSize estimate_size() const override { return source_.estimate_size(); }
  bool lists_vertices() const override { return source_.lists_vertices(); }
  bool names_lone_vertices() const override { return source_.names_lone_vertices(); }
  NameTable* names() override { return source_.names(); }
  bool stores_names() const override { return source_.stores_names(); }
  NameList read_names() override { return source_.read_names(); }
  void prepare(Communicator& comm) override { source_.prepare(comm); }
  void check_read(Communicator& comm) override { source_.check_read(comm); }
  void read_vertices(const VertexSink& sink) override { source_.read_vertices(sink); }
  void read_edges(const ChunkSink& sink) override {
    source_.read_edges([&](EdgeChunk&& chunk) {
      swap_ends(chunk.narrow);
      swap_ends(chunk.wide);
      sink(std::move(chunk));
    });
  }

 private:
  template <class Id>
  static void swap_ends(BigArray<Id>& pairs) {
    for (std::size_t i = 0; i < pairs.size(); i += 2) std::swap(pairs[i], pairs[i + 1]);
  }

  EdgeSource& source_;
};

}  // namespace gasket
