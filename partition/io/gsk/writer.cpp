#include "partition/io/gsk/writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "partition/error.hpp"
#include "partition/io/pending_file.hpp"

namespace gasket {
namespace {

// The blocks of one section, in order.
class SectionWriter {
 public:
  SectionWriter(PendingFile& file, const gsk::Layout::Range& range) : file_(file), range_(range) {
    block_.reserve(std::min(range.bytes, gsk::kBlockBytes));
  }

  void append(std::string_view bytes) {
    while (!bytes.empty()) {
      const std::size_t part = std::min<std::size_t>(bytes.size(), gsk::kBlockBytes - block_.size());
      if (part == gsk::kBlockBytes) {  // a whole block needs no copy
        put(bytes.substr(0, part));
      } else {
        block_.append(bytes.substr(0, part));
        if (block_.size() == gsk::kBlockBytes) flush();
      }
      bytes.remove_prefix(part);
    }
  }
  template <class T>
  void append(std::span<const T> values) {
    append(std::string_view(reinterpret_cast<const char*>(values.data()), values.size_bytes()));
  }
  void flush() {
    if (!block_.empty()) put(block_);
    block_.clear();
  }

  const std::vector<std::uint64_t>& checksums() const { return checksums_; }

 private:
  void put(std::string_view block) {
    file_.write_at(range_.offset + written_, block);
    checksums_.push_back(gsk::checksum(block));
    written_ += block.size();
  }

  PendingFile& file_;
  gsk::Layout::Range range_;
  std::string block_;
  std::uint64_t written_ = 0;
  std::vector<std::uint64_t> checksums_;
};

}  // namespace

class GskWriter::Body {
 public:
  Body(const std::string& path, const GskFacts& facts)
      : facts_(facts), layout_(gsk::lay_out(facts)), file_(path), sections_{{file_, layout_.sections[gsk::kIds]},
                                                                            {file_, layout_.sections[gsk::kOrder]},
                                                                            {file_, layout_.sections[gsk::kOffsets]},
                                                                            {file_, layout_.sections[gsk::kWeights]},
                                                                            {file_, layout_.sections[gsk::kColumns]},
                                                                            {file_, layout_.sections[gsk::kNameEnds]},
                                                                            {file_, layout_.sections[gsk::kNames]}} {
    if (!file_.replaces()) throw InputError(fmt::format("cannot write {}: it is not a regular file", path));
    sections_[gsk::kOffsets].append(std::span<const EdgeCount>(&arcs_, 1));
  }

  void append_ids(std::span<const ExternalId> ids) {
    if (facts_.dense_ids || ids.size() > facts_.vertices - ids_) fail("more ids than vertices");
    for (const ExternalId id : ids) {
      if (ids_ > 0 && id <= last_id_) fail("ids do not ascend");
      last_id_ = id;
      ++ids_;
    }
    sections_[gsk::kIds].append(ids);
  }

  void append_names(const NameList& names) {
    if (!facts_.named || names.size() > facts_.vertices - names_) fail("more names than vertices");
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (names_ > 0 && names[i] <= last_name_) fail("names do not ascend");
      last_name_ = names[i];
      ++names_;
      name_bytes_ += last_name_.size();
      sections_[gsk::kNameEnds].append(std::span<const std::uint64_t>(&name_bytes_, 1));
    }
    if (name_bytes_ > facts_.name_bytes) fail("names are longer than announced");
    sections_[gsk::kNames].append(names.bytes());
  }

  void append_order(std::span<const std::uint64_t> vertices) {
    if (!facts_.by_degree || vertices.size() > facts_.vertices - ordered_) fail("more places than vertices");
    for (const std::uint64_t vertex : vertices)
      if (vertex >= facts_.vertices) fail("a row of no vertex");
    ordered_ += vertices.size();
    append_narrowed(gsk::kOrder, vertices);
  }

  template <class Column>
  void append_rows(std::span<const EdgeCount> degrees, std::span<const Column> columns,
                   std::span<const double> weights) {
    if (degrees.size() > facts_.vertices - rows_) fail("more rows than vertices");
    if (columns.size() > facts_.arcs - arcs_) fail("more arcs than announced");
    if (weights.size() != (facts_.weighted ? columns.size() : 0)) fail("not one weight per arc");
    std::vector<EdgeCount> ends(degrees.size());
    std::size_t arc = 0;
    for (std::size_t i = 0; i < degrees.size(); ++i) {
      if (degrees[i] > columns.size() - arc) fail("degrees are not the arcs given");
      const std::uint64_t row = rows_ + i;
      std::uint64_t largest = 0;
      EdgeCount edges = 0;
      for (const Column column : columns.subspan(arc, degrees[i])) {
        largest = std::max<std::uint64_t>(largest, column);
        edges += facts_.directed || column >= row ? 1 : 0;
      }
      if (largest >= facts_.vertices) fail("a target that is no vertex");
      edges_ += edges;
      arc += degrees[i];
      ends[i] = arcs_ + arc;
    }
    if (arc != columns.size()) fail("degrees are not the arcs given");
    rows_ += degrees.size();
    arcs_ += arc;
    sections_[gsk::kOffsets].append(std::span<const EdgeCount>(ends));
    sections_[gsk::kWeights].append(weights);
    append_narrowed(gsk::kColumns, columns);
  }

  void finish() {
    if (ordered_ != (facts_.by_degree ? facts_.vertices : 0))
      fail(fmt::format("{} rows were said to be of a vertex, of {}", ordered_, facts_.vertices));
    if (rows_ != facts_.vertices || arcs_ != facts_.arcs || ids_ != (facts_.dense_ids ? 0 : facts_.vertices))
      fail(fmt::format("{} rows, {} arcs and {} ids were given of {}, {} and {}", rows_, arcs_, ids_, facts_.vertices,
                       facts_.arcs, facts_.dense_ids ? 0 : facts_.vertices));
    if (names_ != (facts_.named ? facts_.vertices : 0) || name_bytes_ != facts_.name_bytes)
      fail(fmt::format("{} names with {} characters were given of {} with {}", names_, name_bytes_, facts_.vertices,
                       facts_.name_bytes));
    std::vector<std::uint64_t> checksums;
    for (SectionWriter& section : sections_) {
      section.flush();
      checksums.insert(checksums.end(), section.checksums().begin(), section.checksums().end());
    }
    const std::string_view table(reinterpret_cast<const char*>(checksums.data()), checksums.size() * 8);
    file_.write_at(layout_.table.offset, table);
    char header[gsk::kHeaderBytes];
    gsk::encode({facts_, edges_, gsk::checksum(table)}, header);
    file_.write_at(0, {header, sizeof header});
    file_.publish();
  }

 private:
  // In the width of the file's indices.
  template <class Index>
  void append_narrowed(gsk::Section section, std::span<const Index> indices) {
    if (sizeof(Index) == layout_.index_bytes)
      sections_[section].append(indices);
    else if (layout_.index_bytes == 4)
      append_as<std::uint32_t>(section, indices);
    else
      append_as<std::uint64_t>(section, indices);
  }
  template <class Stored, class Index>
  void append_as(gsk::Section section, std::span<const Index> indices) {
    Stored stored[4096];
    while (!indices.empty()) {
      const std::size_t part = std::min(indices.size(), std::size(stored));
      for (std::size_t i = 0; i < part; ++i) stored[i] = static_cast<Stored>(indices[i]);
      sections_[section].append(std::span<const Stored>(stored, part));
      indices = indices.subspan(part);
    }
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ExitCode::failure, fmt::format("writing {}: {}", file_.path(), what));
  }

  GskFacts facts_;
  gsk::Layout layout_;
  PendingFile file_;
  SectionWriter sections_[gsk::kSections];
  std::uint64_t rows_ = 0, ids_ = 0, ordered_ = 0, last_id_ = 0, names_ = 0, name_bytes_ = 0;
  std::string last_name_;
  EdgeCount arcs_ = 0, edges_ = 0;
};

GskWriter::GskWriter(const std::string& path, const GskFacts& facts) {
  if (!gsk::possible(facts))
    throw UsageError(fmt::format(
        "cannot write {}: {} vertices, {} arcs and {} characters of names; a .gsk file has at most 2^48, 2^56 and 2^56",
        path, facts.vertices, facts.arcs, facts.name_bytes));
  body_ = std::make_unique<Body>(path, facts);
}

GskWriter::~GskWriter() = default;

void GskWriter::append_ids(std::span<const ExternalId> ids) { body_->append_ids(ids); }
void GskWriter::append_names(const NameList& names) { body_->append_names(names); }
void GskWriter::append_order(std::span<const std::uint64_t> vertices) { body_->append_order(vertices); }
void GskWriter::append_rows(std::span<const EdgeCount> degrees, std::span<const std::uint64_t> columns,
                            std::span<const double> weights) {
  body_->append_rows(degrees, columns, weights);
}
void GskWriter::append_rows(std::span<const EdgeCount> degrees, std::span<const std::uint32_t> columns,
                            std::span<const double> weights) {
  body_->append_rows(degrees, columns, weights);
}
void GskWriter::finish() { body_->finish(); }

}  // namespace gasket
