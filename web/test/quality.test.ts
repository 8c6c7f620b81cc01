import { describe, expect, it } from 'vitest';
import {
  QUALITY_CHOICES,
  type QualityAnswer,
  qualityRequest,
  qualityStanding,
} from '../src/quality';
import { strings } from '../src/strings';

const taken: QualityAnswer = { accepted: true, profile: 'high_quality', error: '' };

describe('choice of quality', () => {
  it('offers the server its own choice, then the profiles from good to quick', () => {
    expect(QUALITY_CHOICES.map((choice) => strings.qualityChoices[choice])).toEqual([
      'Automatic',
      'High quality',
      'Balanced',
      'High performance',
      'Ultra performance',
    ]);
  });

  it('is asked for in the words of the protocol', () => {
    expect(JSON.parse(qualityRequest('high_quality'))).toEqual({
      type: 'control',
      action: 'set_quality',
      data: { profile: 'high_quality' },
    });
    expect(JSON.parse(qualityRequest('auto'))).toMatchObject({ data: { auto: true } });
  });

  it.each([
    ['auto', false, null, null, { state: 'automatic' }],
    ['auto', true, null, 'balanced', { state: 'automatic' }],
    ['auto', true, taken, 'balanced', { state: 'automatic' }],
    ['high_quality', false, null, null, { state: 'later' }],
    ['high_quality', false, taken, null, { state: 'later' }],
    ['high_quality', true, null, 'balanced', { state: 'asked' }],
    ['high_quality', true, taken, null, { state: 'given', profile: 'high_quality' }],
    ['high_quality', true, taken, 'high_quality', { state: 'given', profile: 'high_quality' }],
    [
      'high_quality',
      true,
      taken,
      'balanced',
      { state: 'lowered', wanted: 'high_quality', profile: 'balanced' },
    ],
    [
      'high_quality',
      true,
      { ...taken, profile: 'high_performance' },
      null,
      { state: 'lowered', wanted: 'high_quality', profile: 'high_performance' },
    ],
  ] as const)('%s, live: %s, answered: %j, pictures in %s', (choice, live, answer, profile, is) => {
    expect(qualityStanding(choice, live, answer, profile)).toEqual(is);
  });

  it('says in the words of the server why it was refused', () => {
    const refused = { accepted: false, profile: null, error: 'The operator has set balanced.' };
    for (const choice of ['auto', 'high_quality'] as const) {
      const standing = qualityStanding(choice, true, refused, 'balanced');
      expect(strings.qualityStanding(standing, 'server')).toBe(
        'The server said no. The operator has set balanced.',
      );
    }
  });

  it('says that the server gives less', () => {
    const standing = qualityStanding('high_quality', true, taken, 'balanced');
    expect(strings.qualityStanding(standing, 'server')).toBe(
      'You asked for High quality. For now the server gives you Balanced.',
    );
    expect(strings.qualityStanding(standing, 'home')).toBe(
      'You asked for High quality. For now your device uses Balanced.',
    );
  });
});
