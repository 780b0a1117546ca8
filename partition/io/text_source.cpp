#include "partition/io/text_source.hpp"

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <string_view>
#include <utility>

#include "partition/error.hpp"
#include "partition/io/text/adjacency_list.hpp"
#include "partition/io/text/block_reader.hpp"
#include "partition/io/text/dimacs.hpp"
#include "partition/io/text/file_name.hpp"
#include "partition/io/text/ldbc_files.hpp"
#include "partition/io/text/line_source.hpp"
#include "partition/io/text/matrix_market.hpp"
#include "partition/io/text/metis_graph.hpp"
#include "partition/io/text/name_parser.hpp"

namespace gasket {
namespace {

using text::Head;
using text::Reading;
using text::TextFile;

// Edges in one file, all vertices in another.
class LdbcSource final : public text::LineSource {
 public:
  LdbcSource(Reading reading, TextFile edges, text::EdgeGrammar grammar, Head head, TextFile vertices,
             text::LdbcFiles files)
      : LineSource(std::move(reading), std::move(edges), grammar, std::move(head)),
        vertices_(std::move(vertices)),
        files_(std::move(files)) {}

  bool lists_vertices() const override { return true; }
  void read_vertices(const VertexSink& sink) override {
    text::read_blocks(vertices_, reading().share, reading().block_bytes, [&](const text::Block& block) {
      const BigArray<ExternalId> ids = text::parse_vertices(block);
      vertices_read_ += ids.size();
      if (!ids.empty()) sink(ids.span());
    });
  }
  void check_read(Communicator& comm) override {
    const auto read = comm.sum<std::uint64_t>(vertices_read_);
    if (files_.vertex_count && read != *files_.vertex_count)
      throw_agreed(
          InputError(fmt::format("{}:{}: announces {} vertices, {} has {}", files_.properties, files_.vertex_count_line,
                                 *files_.vertex_count, vertices_.file.path(), read)));
    LineSource::check_read(comm);
  }

 private:
  TextFile vertices_;
  text::LdbcFiles files_;
  std::atomic<std::uint64_t> vertices_read_ = 0;
};

void refuse_empty(const TextFile& text, std::string_view expected) {
  if (text.file.size() == 0) throw InputError(fmt::format("{}: is empty, expected {}", text.file.path(), expected));
}

std::unique_ptr<EdgeSource> open_ldbc(const TextOptions& options, Reading reading) {
  text::LdbcFiles files = text::find_ldbc(options.path);
  TextFile vertices = text::open_text_file(files.vertices, "a list of vertex ids");
  TextFile edges = text::open_text_file(files.edges, "an edge list");
  refuse_empty(vertices, "a list of vertex ids");  // an empty .e is a graph without edges
  text::EdgeGrammar grammar{.third = text::third_of(edges, options.read_weights)};
  if (files.weighted && options.read_weights)
    grammar.third = *files.weighted ? text::Third::weight : text::Third::absent;
  Head head{.words = "LDBC: edges and a list of all vertices",
            .directed = files.directed,
            .lines = files.edge_count,
            .line = files.edge_count_line,
            .path = files.properties};
  if (!files.properties.empty())
    head.words += fmt::format("; {} {}{}", files.properties,
                              !files.directed   ? "does not say whether it is directed"
                              : *files.directed ? "says directed"
                                                : "says undirected",
                              files.weighted && *files.weighted ? ", with weights" : "");
  return std::make_unique<LdbcSource>(std::move(reading), std::move(edges), grammar, std::move(head),
                                      std::move(vertices), std::move(files));
}

// An edge list whose ids are strings.
class NamedSource final : public text::LineSource {
 public:
  using LineSource::LineSource;
  NameTable* names() override { return &names_; }
  SourceSize estimate_size() const override {
    SourceSize size = LineSource::estimate_size();
    size.names = true;
    return size;
  }

 protected:
  EdgeChunk parse(const text::Block& block) override { return text::parse_named_edges(block, third(), names_); }

 private:
  NameTable names_;
};

std::unique_ptr<EdgeSource> open_edge_list(const TextOptions& options, Reading reading, bool csv) {
  TextFile edges = csv ? text::open_text_file(options.path, "an edge list",
                                              options.names ? &text::names_columns : &text::begins_with_word)
                       : text::open_text_file(options.path, "an edge list");
  refuse_empty(edges, "an edge list");
  const text::EdgeGrammar grammar{.third = text::third_of(edges, options.read_weights)};
  Head head{.words = fmt::format("edge list{}{}", edges.columns >= 3 ? " with a third column" : "",
                                 options.names ? ", ids are strings" : "")};
  if (options.names)
    return std::make_unique<NamedSource>(std::move(reading), std::move(edges), grammar, std::move(head));
  return std::make_unique<text::LineSource>(std::move(reading), std::move(edges), grammar, std::move(head));
}

constexpr std::pair<std::string_view, TextFormat> kEndings[] = {
    {".csv", TextFormat::csv},       {".mtx", TextFormat::matrix_market}, {".gr", TextFormat::dimacs},
    {".graph", TextFormat::metis},   {".metis", TextFormat::metis},       {".adjlist", TextFormat::adjacency},
    {".adj", TextFormat::adjacency},
};

// What the first line says where the name is silent.
TextFormat guess_by_content(const std::string& path) {
  if (!text::file_exists(path)) return TextFormat::snap;
  const text::InputFile file(path, "an edge list");
  if (file.size() == 0) return TextFormat::snap;
  text::HeadReader lines(file, text::detect_compression(file));
  std::string_view line;
  if (!lines.next(line)) return TextFormat::snap;
  if (line.starts_with(text::kMatrixMarketBanner)) return TextFormat::matrix_market;
  while ((line == "c" || line.starts_with("c ")) && lines.next(line)) continue;
  return line.starts_with("p sp ") ? TextFormat::dimacs : TextFormat::snap;
}

TextFormat guess_format(const std::string& path) {
  const TextFormat named = text_format_of_name(path);
  return named == TextFormat::snap ? guess_by_content(path) : named;
}

void refuse_names(const std::string& path, TextFormat format) {
  using enum TextFormat;
  if (format == ldbc || format == matrix_market || format == dimacs || format == metis)
    throw UsageError(
        fmt::format("--ids string: {} has a format whose ids are numbers; edge lists and adjacency lists may "
                    "have strings",
                    path));
}

constexpr std::pair<std::string_view, TextFormat> kNames[] = {
    {"auto", TextFormat::automatic}, {"snap", TextFormat::snap},   {"tsv", TextFormat::tsv},
    {"csv", TextFormat::csv},        {"ldbc", TextFormat::ldbc},   {"mtx", TextFormat::matrix_market},
    {"dimacs", TextFormat::dimacs},  {"metis", TextFormat::metis}, {"adjlist", TextFormat::adjacency},
};

}  // namespace

std::unique_ptr<EdgeSource> open_text(const TextOptions& options, Share share) {
  Reading reading{options.path, share, options.block_bytes, options.refuse_negative, options.but_self_loops};
  const TextFormat format = options.format == TextFormat::automatic ? guess_format(options.path) : options.format;
  if (options.names) refuse_names(options.path, format);
  switch (format) {
    case TextFormat::ldbc:
      return open_ldbc(options, std::move(reading));
    case TextFormat::matrix_market:
      return text::open_matrix_market(options.path, std::move(reading), options.read_weights);
    case TextFormat::dimacs:
      return text::open_dimacs(options.path, std::move(reading), options.read_weights);
    case TextFormat::metis:
      return text::open_metis(options.path, std::move(reading), options.read_weights);
    case TextFormat::adjacency:
      return text::open_adjacency_list(options.path, std::move(reading), options.names);
    case TextFormat::csv:
      return open_edge_list(options, std::move(reading), true);
    case TextFormat::automatic:
    case TextFormat::snap:
    case TextFormat::tsv:
      break;
  }
  return open_edge_list(options, std::move(reading), false);
}

TextFormat text_format_of_name(const std::string& path) {
  if (text::names_ldbc(path)) return TextFormat::ldbc;
  for (const auto& [ending, format] : kEndings)
    if (text::without_compression(path).ends_with(ending)) return format;
  return TextFormat::snap;
}

TextFormat parse_text_format(const std::string& name) {
  std::string names;
  for (const auto& [known, format] : kNames) {
    if (name == known) return format;
    names += fmt::format("{}{}", names.empty() ? "" : ", ", known);
  }
  throw UsageError(fmt::format("unknown text format '{}'; allowed: {}", name, names));
}

std::vector<std::string> text_files_of(const std::string& path) {
  std::vector<std::string> files = text::ldbc_files_there(path);
  files.insert(files.begin(), path);
  return files;
}

}  // namespace gasket
