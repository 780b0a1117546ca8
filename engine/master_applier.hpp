#pragma once
// Applies sums to masters that are always awake: reads their values, writes what neighbours see of the new ones to an array of
// the caller's, and adds up the aggregate.
//
// Programs and what they compute of the last aggregate are held by value, where no store can be thought to change them, so
// that they stay in registers. Masters that lie one behind the other are taken a batch at a time, step by step: short loops
// over arrays on the stack, of which the compiler makes vector instructions, and an aggregate without one long chain of
// additions. That takes half of the time of one vertex after the other, which is how the rest of a batch is taken, and values
// or aggregates of more than 32 bytes.

#include <array>
#include <type_traits>

#include "engine/step.hpp"
#include "engine/traverse.hpp"
#include "engine/vertex_values.hpp"

namespace gasket {

template <class P>
class MasterApplier {
  using Traits = ProgramTraits<P>;
  using Data = typename P::Data;
  using Ghost = GhostOf<P>;
  using Accum = typename P::Accum;
  using Global = GlobalOf<P>;
  using Values = typename VertexValues<P>::Access;

 public:
  /// `next`, by master, may be the array that `values` reads.
  MasterApplier(const P& program, const Global& last, const Values& values, Ghost* next)
      : program_(program), last_(last), values_(values), next_(next) {}

  [[gnu::always_inline]] void operator()(LocalId v, const Accum& sum) {
    const Data before = values_.data(v);
    const Data after = apply(values_.vertex(v), before, sum);
    if constexpr (Traits::has_global) result_.global += program_.aggregate(values_.vertex(v), before, after);
    const bool news = differs(program_, before, after);
    write_ghost<P>(next_, v, ghost(values_, v, after, news));
    values_.refine(v, after);
    result_.changed += news ? 1 : 0;
    ++result_.applied;
  }

  /// The same for the masters begin .. end-1. Sum is what an Accum is made of.
  template <class Sum>
  [[gnu::always_inline]] void operator()(LocalId begin, LocalId end, const Sum* sums) {
    if constexpr (kBatches)
      for (; end - begin >= kBatch; begin += kBatch, sums += kBatch) apply_batch(begin, sums);
    for (; begin < end; ++begin, ++sums) (*this)(begin, static_cast<const Accum&>(*sums));
  }

  /// Of all that was applied to.
  const PassResult<Global>& result() const { return result_; }

 private:
  static constexpr LocalId kBatch = kRowBatch;
  // Arrays of a batch are to stay in the first-level cache, all together.
  template <class T>
  static constexpr bool kIsSmall = sizeof(T) <= 32 && std::is_default_constructible_v<T>;
  static constexpr bool kBatches = kIsSmall<Data> && kIsSmall<Ghost> && kIsSmall<Global>;
  // Whether values may differ that the program takes for the same.
  static constexpr bool kOwnEquality = Traits::has_changed || !std::is_arithmetic_v<Data>;

  template <class Sum>
  [[gnu::always_inline]] void apply_batch(LocalId begin, const Sum* sums) {
    std::array<Data, kBatch> before, after;
    std::array<Ghost, kBatch> ghosts;
    const Values batch = values_.from(begin);
    Ghost* const next = next_ + begin;
    for (LocalId i = 0; i < kBatch; ++i) before[i] = batch.data(i);
    for (LocalId i = 0; i < kBatch; ++i)
      after[i] = apply(batch.vertex(i), before[i], static_cast<const Accum&>(sums[i]));
    if constexpr (Traits::has_global) result_.global += aggregate(batch, before, after);
    LocalId news = 0;
    for (LocalId i = 0; i < kBatch; ++i) news += differs(program_, before[i], after[i]) ? 1 : 0;
    for (LocalId i = 0; i < kBatch; ++i) ghosts[i] = ghost(batch, i, after[i], differs(program_, before[i], after[i]));
    for (LocalId i = 0; i < kBatch; ++i) write_ghost<P>(next, i, ghosts[i]);
    for (LocalId i = 0; i < kBatch; ++i) batch.refine(i, after[i]);
    result_.changed += news;
    result_.applied += kBatch;
  }

  [[gnu::always_inline]] Global aggregate(const Values& batch, const std::array<Data, kBatch>& before,
                                          const std::array<Data, kBatch>& after) const {
    constexpr LocalId kChains = 8;
    std::array<Global, kBatch> parts;
    for (LocalId i = 0; i < kBatch; ++i) parts[i] = program_.aggregate(batch.vertex(i), before[i], after[i]);
    for (LocalId i = kChains; i < kBatch; i += kChains)
      for (LocalId k = 0; k < kChains; ++k) parts[k] += parts[i + k];
    for (LocalId k = 1; k < kChains; ++k) parts[0] += parts[k];
    return parts[0];
  }

  [[gnu::always_inline]] Data apply(const Vertex& vertex, const Data& before, const Accum& sum) const {
    if constexpr (Traits::has_global)
      return program_.apply(vertex, before, sum, last_);
    else
      return program_.apply(vertex, before, sum);
  }
  // What neighbours are to see. Where the program says what is news, they keep what they know without; the master may still
  // refine its own.
  [[gnu::always_inline]] Ghost ghost(const Values& values, LocalId v, const Data& after, bool news) const {
    if (kOwnEquality && !news) return values.ghost(v);
    return project(program_, values.vertex(v), after);
  }

  const P program_;
  const Global last_;
  const Values values_;
  Ghost* const next_;
  PassResult<Global> result_{};
};

}  // namespace gasket
